import MartletJSON

/// Blacks out parts of a JSON document; everything else stays as it was written.
struct Redaction: Sendable {
    private static let replacement = "\"[redacted]\""

    /// From the outside in.
    let paths: [[String]]

    /// Returns the text of a document without what is at the paths.
    func text(of root: JSONValue) -> String {
        self.text(of: root, self.paths[...].map { $0[...] })
    }

    /// - Parameter paths: What is left of those that have led here.
    private func text(of value: JSONValue, _ paths: [ArraySlice<String>]) -> String {
        if paths.contains(where: \.isEmpty) { return Self.replacement }
        guard !paths.isEmpty else { return value.source }
        switch value.kind {
        case .object:
            let members = value.members.map { name, value in
                "\(name.source):\(self.text(of: value, Self.rest(of: paths, name.string ?? "")))"
            }
            return "{\(members.joined(separator: ","))}"
        case .array:
            let elements = value.elements.enumerated().map { index, value in
                self.text(of: value, Self.rest(of: paths, String(index)))
            }
            return "[\(elements.joined(separator: ","))]"
        default: return value.source
        }
    }

    private static func rest(of paths: [ArraySlice<String>], _ step: String) -> [ArraySlice<String>] {
        paths.filter { $0.first == step || $0.first == "*" }.map { $0.dropFirst() }
    }
}
