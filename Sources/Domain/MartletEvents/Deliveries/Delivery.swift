package import MartletCore
package import MartletSQL

/// Names one event for one webhook, in every attempt and replay: receivers tell repetitions by it.
package struct DeliveryID: Sendable, Hashable {
    package let rawValue: String

    package init(trusted text: String) {
        self.rawValue = text
    }

    /// A random UUID, which no test wants to decide.
    static func random() -> DeliveryID {
        let bits = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        return DeliveryID(trusted: UUIDText.version4(of: bits))
    }
}

extension DeliveryID: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}

/// One event on its way to one webhook.
package struct Delivery: Sendable, Hashable {
    package enum State: String, Sendable, CaseIterable {
        /// To be sent as soon as ``Delivery/dueAt`` has come.
        case due
        /// Behind another one about the same subject.
        case queued
        case delivered
        /// Given up.
        case dead
    }

    package let id: DeliveryID
    package let kind: EventKind
    package let state: State
    /// Since it was last put into its line.
    package let attempts: Int64
    /// When it is tried next, if it is ``State/due``.
    package let dueAt: Timestamp?
    /// What the last attempt was answered with.
    package let status: Int64?
    /// What became of the last attempt that failed.
    package let failure: String?
    package let occurredAt: Timestamp
    package let changedAt: Timestamp
    /// The message.
    package let body: String
}
