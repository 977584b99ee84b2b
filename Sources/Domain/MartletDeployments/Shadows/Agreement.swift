package import MartletCore
import MartletJSON

/// How a shadow's answer compares with the one that was returned. The words are stored, and never change.
package enum Agreement: String, Sendable, CaseIterable {
    /// The same status and the same bytes.
    case same
    /// The same status and other bytes, but JSON of the same value within the deployment's tolerance, where it counts.
    case equal
    case different
    /// Nobody can say: there was no answer to compare with, not all of it, or only another digest of what may be alike.
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
        let isEncoded = answer.isEncoded || other.isEncoded
        switch (answer.body, other.body) {
        case (.whole(let bytes), .whole(let others)):
            if bytes == others { return .same }
            if isEncoded { return .incomparable }
            return self.areAlike(bytes, others, settings) ? .equal : .different
        case (.digest(let digest), .digest(let other)):
            if digest == other { return .same }
            // What does not count cannot be told from what does.
            return isEncoded || !settings.shadowIgnored.isEmpty ? .incomparable : .different
        default: return .incomparable
        }
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
    /// What is there to be compared.
    package enum Body: Sendable {
        case whole([UInt8])
        /// Of all that was passed on as it came.
        case digest(BlobDigest)
        /// There was none, or it has not come to its end.
        case none
    }

    package let status: Int
    package let body: Body
    /// Whether the bytes are compressed: the same content then has many spellings.
    package let isEncoded: Bool

    package init(status: Int, _ body: Body, isEncoded: Bool = false) {
        self.status = status
        self.body = body
        self.isEncoded = isEncoded
    }

    /// The same answer with another body.
    package func with(_ body: Body) -> ComparedAnswer {
        ComparedAnswer(status: self.status, body, isEncoded: self.isEncoded)
    }
}
