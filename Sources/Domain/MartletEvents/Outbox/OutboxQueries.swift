import MartletCore
import MartletSQL

/// The statements by which events are written down.
enum OutboxQueries {
    /// The keys of webhooks, and what they listen to.
    ///
    /// Locks them on PostgreSQL, in the order of their keys: whether the line of a subject is empty must not change
    /// until what joins it is committed. On SQLite nobody else writes anyhow.
    static func listeners(to kinds: [EventKind]) -> SQL {
        let select: SQL = """
            SELECT w.webhook_key, k.kind FROM webhook_kind k JOIN webhook w ON w.webhook_key = k.webhook_key
            WHERE k.kind IN \(anyOf: kinds.map(\.name)) AND w.is_active = 1 ORDER BY k.webhook_key
            """
        return .dialect(sqlite: select, postgres: "\(select) FOR NO KEY UPDATE OF w")
    }

    /// Returns the new row's key.
    static func insert(_ event: Event) -> SQL {
        """
        INSERT INTO event (kind, subject, occurred_ms, body)
        VALUES (\(event.kind.name), \(event.subject), \(event.at), \(event.body)) RETURNING event_key
        """
    }

    /// Adds a delivery to the line of its subject: whoever comes first is due, and the others wait behind it.
    ///
    /// Both sorts are looked up by themselves, since each has an index that knows nothing of what is over.
    static func insertDelivery(
        _ id: DeliveryID,
        of eventKey: Int64,
        _ subject: String,
        to webhookKey: Int64,
        at now: Timestamp
    ) -> SQL {
        """
        INSERT INTO delivery (delivery_id, webhook_key, event_key, subject, state, attempts, due_ms, changed_ms)
        SELECT \(id), \(webhookKey), \(eventKey), \(subject), CASE WHEN line.is_empty THEN 'due' ELSE 'queued' END,
            0, CASE WHEN line.is_empty THEN CAST(\(now) AS BIGINT) END, \(now)
        FROM (
            SELECT NOT EXISTS (
                SELECT 1 FROM delivery WHERE webhook_key = \(webhookKey) AND subject = \(subject) AND state = 'due'
            ) AND NOT EXISTS (
                SELECT 1 FROM delivery WHERE webhook_key = \(webhookKey) AND subject = \(subject) AND state = 'queued'
            ) AS is_empty
        ) line
        """
    }
}
