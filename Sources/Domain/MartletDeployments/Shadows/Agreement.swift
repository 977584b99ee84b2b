import MartletCore
import MartletJSON

/// How a shadow's answer compares with the one that was returned. The words are stored, and never change.
package enum Agreement: String, Sendable, CaseIterable {
    /// The same status and the same bytes.
    case same
    /// The same status and other bytes, but JSON of the same value within the deployment's tolerance, where it counts.
    case equal
    case different
    /// Nobody can say: there was no answer to compare with, or one of them was passed on as it came.
    case incomparable

    /// Whether the shadow would have said the same; `nil` where nobody can say.
    package var agrees: Bool? {
        switch self {
        case .same, .equal: true
        case .different: false
        case .incomparable: nil
        }
    }

    /// - Parameters:
    ///   - shadow: What the caller would have got.
    ///   - returned: What the caller got; `nil` where that was no answer of a version.
    ///   - settings: Say which differences do not count.
    package init(of shadow: ComparedAnswer, with returned: ComparedAnswer?, by settings: DeploymentSettings) {
        self = returned.map { Self.between(shadow, $0, settings) } ?? .incomparable
    }

    private static func between(
        _ answer: ComparedAnswer,
        _ other: ComparedAnswer,
        _ settings: DeploymentSettings
    ) -> Agreement {
        guard answer.status == other.status else { return .different }
        guard let bytes = answer.bytes, let others = other.bytes else { return .incomparable }
        if bytes == others { return .same }
        if answer.isEncoded || other.isEncoded { return .incomparable }
        return self.areAlike(bytes, others, settings) ? .equal : .different
    }

    private static func areAlike(_ bytes: [UInt8], _ others: [UInt8], _ settings: DeploymentSettings) -> Bool {
        guard let document = Self.json(bytes), let other = Self.json(others) else { return false }
        let ignored = JSONPlaces(settings.shadowIgnored)
        return document.isAlike(other, tolerance: settings.shadowTolerance, ignoring: ignored)
    }

    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        // Of what is no JSON, only bytes are compared, whyever it is none.
        try? JSONDocument(parsing: bytes, depthMax: Limits.jsonDepth, valuesMax: Limits.jsonValues).root
    }
}

/// An answer, as far as it can be compared with another one.
package struct ComparedAnswer: Sendable {
    package let status: Int
    /// `nil` where it was passed on as it came, or there was none.
    let bytes: [UInt8]?
    /// Whether the bytes are compressed: the same content then has many spellings.
    let isEncoded: Bool

    package init(status: Int, bytes: [UInt8]?, isEncoded: Bool = false) {
        self.status = status
        self.bytes = bytes
        self.isEncoded = isEncoded
    }
}
