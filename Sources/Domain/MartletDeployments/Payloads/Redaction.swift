import MartletJSON

/// Blacks out parts of a JSON document; everything else stays as it was written.
struct Redaction: Sendable {
    private static let replacement = "\"[redacted]\""

    private let places: JSONPlaces

    /// - Parameter paths: From the outside in.
    init(paths: [[String]]) {
        self.places = JSONPlaces(paths)
    }

    /// Returns the text of a document without what is at the paths.
    func text(of root: JSONValue) -> String {
        Self.text(of: root, self.places)
    }

    private static func text(of value: JSONValue, _ places: JSONPlaces) -> String {
        if places.areHere { return self.replacement }
        guard !places.isEmpty else { return value.source }
        switch value.kind {
        case .object:
            let members = value.members.map { name, value in
                "\(name.source):\(self.text(of: value, places.below(name.string ?? "")))"
            }
            return "{\(members.joined(separator: ","))}"
        case .array:
            let elements = value.elements.enumerated().map { index, value in
                self.text(of: value, places.below(String(index)))
            }
            return "[\(elements.joined(separator: ","))]"
        default: return value.source
        }
    }
}
