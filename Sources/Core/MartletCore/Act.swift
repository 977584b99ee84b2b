/// Who does something, as far as is known.
///
/// Until there are users, whoever asks says who they are, and the ledger remembers what they said.
package struct ActorName: Sendable, Hashable {
    private static let charactersMax = 250

    /// Somebody who did not say.
    package static let anonymous = ActorName(trusted: "anonymous")
    /// The server itself.
    package static let martlet = ActorName(trusted: "martlet")

    package let rawValue: String

    package init(validating text: String) throws(MartletError) {
        let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        guard isPrintable, !text.allSatisfy(\.isWhitespace), text.unicodeScalars.count <= Self.charactersMax else {
            throw .invalid("The name of an actor has 1 to \(Self.charactersMax) printable characters.")
        }
        self.rawValue = text
    }

    package init(trusted text: String) {
        self.rawValue = text
    }

    package var isAnonymous: Bool { self == .anonymous }
}

extension ActorName: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// Who does something, and why.
package struct Act: Sendable, Hashable {
    package var actor: ActorName
    /// What they said; `nil` when they said nothing.
    package var reason: String?

    package init(by actor: ActorName, reason: String? = nil) {
        self.actor = actor
        self.reason = reason
    }
}
