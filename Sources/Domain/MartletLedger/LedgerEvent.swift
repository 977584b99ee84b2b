package import MartletCore
package import MartletJSON

/// A change that is about to become an entry.
package struct LedgerEvent: Sendable {
    /// What was changed.
    package struct Subject: Sendable, Hashable {
        /// Names the model for good; its name may change, and may become another one's.
        package var modelKey: Int64
        package var model: String
        /// A version's number; `nil` when it was the model itself.
        package var version: Int64?

        package init(modelKey: Int64, model: String, version: Int64? = nil) {
            self.modelKey = modelKey
            self.model = model
            self.version = version
        }
    }

    package var action: LedgerAction
    package var subject: Subject
    package var act: Act
    package var at: Timestamp
    /// What else there is to say, under names that entries do not use themselves.
    package var details: [CanonicalJSON.Member]

    package init(
        _ action: LedgerAction,
        of subject: Subject,
        by act: Act,
        at: Timestamp,
        details: [CanonicalJSON.Member] = []
    ) {
        self.action = action
        self.subject = subject
        self.act = act
        self.at = at
        self.details = details
    }

    /// The bytes that are hashed: canonical JSON (RFC 8785).
    ///
    /// - Parameters:
    ///   - index: The entry's place, so that none can be moved or repeated.
    ///   - previous: The leaf hash of the entry before, so that the first one that was changed can be named.
    func body(index: Int64, previous: String) -> String {
        var members: [CanonicalJSON.Member] = [
            .init("action", .string(self.action.rawValue)),
            .init("actor", .string(self.act.actor.rawValue)),
            .init("at", .string(self.at.text)),
            .init("index", CanonicalJSON(index)),
            .init("model", .string(self.subject.model)),
            .init("modelId", CanonicalJSON(self.subject.modelKey)),
            .init("previous", .string(previous)),
        ]
        if let version = self.subject.version { members.append(.init("version", CanonicalJSON(version))) }
        if let reason = self.act.reason { members.append(.init("reason", .string(reason))) }
        return String(decoding: CanonicalJSON.object(members + self.details).bytes, as: UTF8.self)
    }
}
