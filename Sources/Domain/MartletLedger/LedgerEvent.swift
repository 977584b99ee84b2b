package import MartletCore
package import MartletJSON

/// A change that is about to become an entry.
package struct LedgerEvent: Sendable {
    /// What was changed. Keys name things for good; their names may change, and may become another one's.
    package enum Subject: Sendable, Hashable {
        case ledger
        case model(key: Int64, name: String)
        /// Or what points at a version.
        case version(_ number: Int64, modelKey: Int64, model: String)
        case deployment(key: Int64, name: String)
        case webhook(id: String, name: String)
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
            .init("previous", .string(previous)),
        ]
        if let reason = self.act.reason { members.append(.init("reason", .string(reason))) }
        return CanonicalJSON.object(members + self.subject.members + self.details).text
    }
}

extension LedgerEvent.Subject {
    /// 0 for what belongs to no model.
    var modelKey: Int64 {
        switch self {
        case .model(let key, _), .version(_, let key, _): key
        case .ledger, .deployment, .webhook: 0
        }
    }

    var version: Int64? { if case .version(let number, _, _) = self { number } else { nil } }

    var deploymentKey: Int64? { if case .deployment(let key, _) = self { key } else { nil } }

    fileprivate var members: [CanonicalJSON.Member] {
        switch self {
        case .ledger: Self.members(model: "", key: 0)
        case .model(let key, let name): Self.members(model: name, key: key)
        case .version(let number, let key, let name):
            Self.members(model: name, key: key) + [.init("version", CanonicalJSON(number))]
        case .deployment(let key, let name):
            [.init("deployment", .string(name)), .init("deploymentId", CanonicalJSON(key))]
        case .webhook(let id, let name): [.init("webhook", .string(name)), .init("webhookId", .string(id))]
        }
    }

    private static func members(model name: String, key: Int64) -> [CanonicalJSON.Member] {
        [.init("model", .string(name)), .init("modelId", CanonicalJSON(key))]
    }
}
