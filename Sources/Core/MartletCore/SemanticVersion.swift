/// What a version's number says about changing over to it: `MAJOR.MINOR.PATCH` (Semantic Versioning 2.0.0).
///
/// Without pre-release and build parts: stages say how far a version has come.
package struct SemanticVersion: Sendable, Hashable, Comparable {
    package static let first = SemanticVersion(1, 0, 0)
    /// The largest part that somebody may choose; proposals go on from there.
    private static let partMax: Int64 = 1_000_000_000

    package let major: Int64
    package let minor: Int64
    package let patch: Int64

    package init(_ major: Int64, _ minor: Int64, _ patch: Int64) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    /// Reads `1.2.0` or `v1.2.0`.
    package init(validating text: String) throws(MartletError) {
        guard case .exact(let version)? = VersionRange(text) else {
            throw .invalid("'\(text)' is not a semantic version; write it as 1.2.0, without anything behind it.")
        }
        guard max(version.major, version.minor, version.patch) <= Self.partMax else {
            throw .invalid(
                "'\(text)' is not a semantic version that anybody can mean: a part is above \(Self.partMax)."
            )
        }
        self = version
    }

    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
        (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
    }
}

extension SemanticVersion: CustomStringConvertible {
    package var description: String { "\(self.major).\(self.minor).\(self.patch)" }
}

/// Which semantic versions will do: one of them, or all from one on that promise to behave alike.
package enum VersionRange: Sendable, Hashable {
    case exact(SemanticVersion)
    /// From the first up to, and not including, the second.
    case between(SemanticVersion, SemanticVersion)

    /// Reads `1.2.0`, `v1.2.0`; `1.2`, `v1`, `1.x`, `1.2.x`, `1.2.*`; `^1`, `^1.2`, `^0.3.1`; `~1`, `~1.2`, `~1.2.3`.
    ///
    /// Returns `nil` for anything else, also for a whole number: that is a number of MLflow's.
    package init?(_ text: String) {
        let (mark, rest) = Self.mark(of: text)
        guard let parts = Self.parts(rest), !parts.isEmpty else { return nil }
        switch mark {
        case "^": self = .caret(parts)
        case "~": self = .tilde(parts)
        default:
            let isWhole = parts.count == 1 && rest == "\(parts[0])" && mark.isEmpty
            guard !isWhole else { return nil }
            self = parts.count == 3 ? .exact(SemanticVersion(parts[0], parts[1], parts[2])) : .prefix(parts)
        }
    }

    package func contains(_ version: SemanticVersion) -> Bool {
        switch self {
        case .exact(let only): version == only
        case .between(let first, let end): first <= version && version < end
        }
    }

    private static func mark(of text: String) -> (mark: String, rest: Substring) {
        guard let first = text.first, "^~vV".contains(first) else { return ("", text[...]) }
        return (first.lowercased(), text.dropFirst())
    }

    /// The numbers before any `x`; `nil` when there is anything else. Numbers have no leading zeros.
    private static func parts(_ text: Substring) -> [Int64]? {
        let words = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...3).contains(words.count) else { return nil }
        var parts: [Int64] = []
        for (index, word) in words.enumerated() {
            if ["x", "X", "*"].contains(word) { return index == words.count - 1 && index > 0 ? parts : nil }
            guard let part = Int64(word), String(part) == word, part >= 0, part < Self.partMax else { return nil }
            parts.append(part)
        }
        return parts
    }

    /// Leaves room to count on.
    private static let partMax: Int64 = 1 << 53

    private static func lower(_ parts: [Int64]) -> SemanticVersion {
        SemanticVersion(parts[0], parts.count > 1 ? parts[1] : 0, parts.count > 2 ? parts[2] : 0)
    }

    private static func prefix(_ parts: [Int64]) -> VersionRange {
        let end = parts.count == 1 ? SemanticVersion(parts[0] + 1, 0, 0) : SemanticVersion(parts[0], parts[1] + 1, 0)
        return .between(self.lower(parts), end)
    }

    /// The first number that is not zero stays: before 1.0.0 every minor version may break.
    private static func caret(_ parts: [Int64]) -> VersionRange {
        let lower = self.lower(parts)
        if lower.major > 0 || parts.count == 1 { return .between(lower, SemanticVersion(lower.major + 1, 0, 0)) }
        if lower.minor > 0 || parts.count == 2 { return .between(lower, SemanticVersion(0, lower.minor + 1, 0)) }
        return .between(lower, SemanticVersion(0, 0, lower.patch + 1))
    }

    private static func tilde(_ parts: [Int64]) -> VersionRange {
        let lower = self.lower(parts)
        guard parts.count > 1 else { return .between(lower, SemanticVersion(lower.major + 1, 0, 0)) }
        return .between(lower, SemanticVersion(lower.major, lower.minor + 1, 0))
    }
}

extension VersionRange: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exact(let only): only.description
        case .between(let first, let end): "from \(first) up to, not including, \(end)"
        }
    }
}
