import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

extension FoundWebhook {
    /// Disables a webhook whose receiver says that it is gone, and gives up what it has not been sent.
    static func end(_ taken: TakenDelivery, at now: Timestamp, on db: any Connection) throws(MartletError) {
        let reason = "the receiver answered with 410 Gone"
        let disabling = WebhookQueries.disable(
            taken.webhookKey,
            calling: taken.url,
            remark: "disabled by martlet: \(reason)",
            at: now
        )
        guard try db.execute(disabling) > 0 else { return }
        try db.execute(DeliveryQueries.giveUp(taken.webhookKey, because: "not sent: \(reason) to another one", at: now))
        let webhook = try self.find(taken.webhookID, on: db).webhook
        let act = Act(by: .martlet, reason: reason)
        let changed = CanonicalJSON.Member("changed", .array([.string("active")]))
        try Ledger.append(try webhook.event(.changeWebhook, by: act, at: now, [changed]), on: db)
    }
}
