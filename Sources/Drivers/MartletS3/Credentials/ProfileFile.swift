/// A file of named groups of settings, as `~/.aws/config` and `~/.aws/credentials` are.
struct ProfileFile {
    private var settings: [String: [String: String]] = [:]

    init(_ text: String) {
        var section = ""
        for line in text.split(whereSeparator: \.isNewline) {
            // Indented lines belong to a setting that is a group itself; none of those concerns us.
            guard let first = line.first, first != "#", first != ";", !first.isWhitespace else { continue }
            if first == "[", let end = line.firstIndex(of: "]") {
                section = Self.trimmed(line[line.index(after: line.startIndex)..<end])
            } else if let equals = line.firstIndex(of: "=") {
                let name = Self.trimmed(line[..<equals]).lowercased()
                self.settings[section, default: [:]][name] = Self.trimmed(line[line.index(after: equals)...])
            }
        }
    }

    /// The settings of a profile; `nil` when the file does not have it.
    ///
    /// One of the two files calls all but the default profile `profile NAME`.
    func profile(_ name: String) -> [String: String]? {
        self.settings["profile \(name)"] ?? self.settings[name]
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
