import MartletCore
import MartletEvents
import MartletProofs
import MartletSQL
package import MartletWebhooks

extension Domain {
    /// How webhooks are sent.
    package struct Webhooks: Sendable {
        package var sender: any WebhookSender
        /// How often a delivery is tried.
        package var attempts: Int

        package init(sender: any WebhookSender, attempts: Int) {
            self.sender = sender
            self.attempts = attempts
        }
    }

    /// What tells others of changes.
    struct Events: Sendable {
        let webhooks: WebhookService
        let deliveries: DeliveryService
        let dispatcher: DeliveryDispatcher
        /// For whoever puts something into the outbox.
        let database: any Database

        /// - Parameter key: Of the ledger; what the secrets of webhooks are encrypted with is derived from it, so that
        ///   there is one file to keep.
        init(_ database: any Database, _ surroundings: Surroundings, _ webhooks: Webhooks, ledgerKey key: NoteSigner) {
            let secrets = WebhookSecrets(key: key.derivedKey(for: "martlet webhook secrets"))
            let bell = OutboxBell()
            self.database = OutboxDatabase(database, bell)
            self.webhooks = WebhookService(
                database: self.database,
                surroundings: surroundings,
                secrets: secrets,
                sender: webhooks.sender
            )
            self.deliveries = DeliveryService(database: self.database, surroundings: surroundings)
            let deliverer = Deliverer(
                database: database,
                surroundings: surroundings,
                secrets: secrets,
                sender: webhooks.sender,
                policy: RetryPolicy(attempts: webhooks.attempts)
            )
            self.dispatcher = DeliveryDispatcher(deliverer, bell)
        }
    }
}
