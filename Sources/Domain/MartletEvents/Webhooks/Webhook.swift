package import MartletCore
import MartletWebhooks

/// Somebody who wants to be told of what happens.
package struct Webhook: Sendable, Hashable {
    package let id: String
    package var name: WebhookName
    package var description: String?
    package var url: String
    /// In the order of their names.
    package var kinds: [EventKind]
    package var isActive: Bool
    /// Why it was disabled, if nobody has asked for it.
    package var remark: String?
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Whether messages are signed; with what, nobody is told.
    package var hasSecret: Bool
}

/// What a webhook is called, which need not be unique.
package struct WebhookName: Sendable, Hashable {
    private static let charactersMax = 63

    package let rawValue: String

    /// - Throws: `invalidArgument` in MLflow's words.
    package init(validating text: String) throws(MartletError) {
        let isValid =
            (1...Self.charactersMax).contains(text.utf8.count) && text.utf8.allSatisfy(Self.isNameCharacter)
            && [text.utf8.first, text.utf8.last].allSatisfy { $0.map(Self.isAlphanumeric) == true }
        guard isValid else {
            throw .invalid(
                "Webhook name '\(text)' is invalid. It must start and end with a letter or digit, "
                    + "be less than 63 characters long, and contain only letters, digits, dots (.), "
                    + "underscores (_), and hyphens (-)."
            )
        }
        self.rawValue = text
    }

    package init(trusted text: String) {
        self.rawValue = text
    }

    private static func isNameCharacter(_ character: UInt8) -> Bool {
        self.isAlphanumeric(character) || "._-".utf8.contains(character)
    }

    private static func isAlphanumeric(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}

/// What a new webhook is to be.
package struct NewWebhook: Sendable {
    package var name: WebhookName
    package var url: String
    package var kinds: [EventKind]
    package var description: String?
    /// `nil` for messages without a signature.
    package var secret: String?
    package var isActive: Bool

    package init(
        name: WebhookName,
        url: String,
        kinds: [EventKind],
        description: String? = nil,
        secret: String? = nil,
        isActive: Bool = true
    ) {
        self.name = name
        self.url = url
        self.kinds = kinds
        self.description = description
        self.secret = secret
        self.isActive = isActive
    }
}

/// What is to become different of a webhook; `nil` leaves as it is.
package struct WebhookChange: Sendable {
    package var name: WebhookName?
    package var url: String?
    package var kinds: Kinds?
    /// Empty clears it.
    package var description: String?
    /// Empty clears it.
    package var secret: String?
    package var isActive: Bool?

    /// What to listen to from now on.
    package struct Kinds: Sendable {
        package var chosen: [EventKind]
        /// What the chooser knows of: kinds that are not among them stay as they are.
        package var among: [EventKind]

        package init(_ chosen: [EventKind], among: [EventKind] = EventKind.all) {
            self.chosen = chosen
            self.among = among
        }
    }

    package init(
        name: WebhookName? = nil,
        url: String? = nil,
        kinds: Kinds? = nil,
        description: String? = nil,
        secret: String? = nil,
        isActive: Bool? = nil
    ) {
        self.name = name
        self.url = url
        self.kinds = kinds
        self.description = description
        self.secret = secret
        self.isActive = isActive
    }
}
