/// Names one version of one model, as in `iris@1.2.0`.
public struct VersionReference: Sendable, Hashable {
    /// The model's name, which may contain spaces, slashes and at signs.
    public var model: String
    /// Any way to name a version of it: `4`, `1.2.0`, `^1`, `production`, an alias, or `sha256:` and a digest.
    public var version: String

    /// Names a version in two words.
    public init(model: String, version: String) {
        self.model = model
        self.version = version
    }

    /// Names a version by its number.
    public init(model: String, number: Int64) {
        self.init(model: model, version: String(number))
    }

    /// Reads `MODEL@VERSION` or `MODEL/VERSION`, divided at the last `@` or `/`.
    public init(_ text: String) throws(MartletClientError) {
        guard let divider = text.lastIndex(where: { $0 == "@" || $0 == "/" }) else {
            throw MartletClientError(.invalidArgument, "'\(text)' names no version: write MODEL@VERSION")
        }
        self.init(model: String(text[..<divider]), version: String(text[text.index(after: divider)...]))
        guard !self.model.isEmpty, !self.version.isEmpty else {
            throw MartletClientError(.invalidArgument, "'\(text)' names no version: write MODEL@VERSION")
        }
    }
}

extension VersionReference: CustomStringConvertible {
    public var description: String { "\(self.model)@\(self.version)" }
}
