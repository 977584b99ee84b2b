package import MartletCore

/// Any way to name one of a model's versions.
package enum VersionSelector: Sendable, Equatable {
    case number(VersionNumber)
    /// The highest semantic version of a range.
    case semantic(VersionRange)
    /// Of the manifest.
    case digest(BlobDigest)
    /// The name of a stage or else an alias; `latest` is always the newest.
    case name(String)

    private static let digestPrefix = "sha256:"

    /// Reads `4`, `1.2.0`, `v1.2.0`, `^1`, `~1.2`, `v1`, `sha256:…`, `champion`, `production`, `latest`.
    ///
    /// - Throws: `invalidArgument` for what can be none of these.
    package init(validating text: String) throws(MartletError) {
        if text.hasPrefix(Self.digestPrefix) {
            self = .digest(try BlobDigest(validating: String(text.dropFirst(Self.digestPrefix.count))))
        } else if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            self = .number(try VersionNumber(validating: text))
        } else if let range = VersionRange(text) {
            self = .semantic(range)
        } else {
            self = .name(try AliasName(validating: text).rawValue)
        }
    }
}

extension VersionSelector: CustomStringConvertible {
    package var description: String {
        switch self {
        case .number(let number): number.description
        case .semantic(let range): range.description
        case .digest(let digest): Self.digestPrefix + digest.description
        case .name(let name): name
        }
    }
}
