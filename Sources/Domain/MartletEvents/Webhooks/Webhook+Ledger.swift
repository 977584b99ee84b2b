import MartletCore
import MartletJSON
import MartletLedger
import MartletWebhooks

extension Webhook {
    /// What the ledger remembers of a webhook that is created or changed.
    ///
    /// Neither its secret nor the path of its URL, which with some receivers is one: entries are for everybody, and
    /// for good.
    func event(
        _ action: LedgerAction,
        by act: Act,
        at now: Timestamp,
        _ details: [CanonicalJSON.Member] = []
    ) throws(MartletError) -> LedgerEvent {
        let target = try WebhookTarget(validating: self.url)
        return LedgerEvent(
            action,
            of: .webhook(id: self.id, name: self.name.rawValue),
            by: act,
            at: now,
            details: [
                .init("active", .bool(self.isActive)),
                .init("events", .array(self.kinds.map { .string($0.name) })),
                .init("signed", .bool(self.hasSecret)),
                .init("target", .string(target.origin)),
            ] + details
        )
    }

    /// Returns the names of what is different from what it was, but for its secret.
    func changes(since past: Webhook) -> [String] {
        var names: [String] = []
        if self.isActive != past.isActive { names.append("active") }
        if self.description != past.description { names.append("description") }
        if self.kinds != past.kinds { names.append("events") }
        if self.name != past.name { names.append("name") }
        if self.url != past.url { names.append("url") }
        return names
    }
}
