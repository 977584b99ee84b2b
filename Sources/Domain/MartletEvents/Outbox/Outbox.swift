package import MartletCore
package import MartletSQL

/// Where events wait to be delivered, written in the transactions of the changes that they tell of.
package enum Outbox {
    /// Tells everybody who listens to one of `kinds` what happened; does next to nothing when nobody does.
    ///
    /// - Parameter event: Asked only if somebody listens; `nil` when there is nothing to tell after all.
    package static func append(
        _ kinds: EventKind...,
        on db: any Connection,
        _ event: () throws(MartletError) -> Event?
    ) throws(MartletError) {
        let listeners = try db.query(OutboxQueries.listeners(to: kinds))
        guard !listeners.isEmpty, let event = try event() else { return }
        let webhooks = listeners.filter { $0.text(1) == event.kind.name }.map { $0.integer(0) }
        guard !webhooks.isEmpty else { return }
        guard let row = try db.queryOne(OutboxQueries.insert(event)) else {
            throw MartletError(.internal, "the database gave no event key")
        }
        for webhook in webhooks {
            try db.execute(
                OutboxQueries.insertDelivery(.random(), of: row.integer(0), event.subject, to: webhook, at: event.at)
            )
        }
    }
}
