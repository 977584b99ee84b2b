import MartletCore
import MartletSQL

/// Every statement that touches `delivery` and `event` once they are written.
enum DeliveryQueries {
    /// The delivery that has waited longest, of a webhook that fewer than `limit` others are being sent to.
    static func nextDue(at now: Timestamp, perWebhook limit: Int) -> SQL {
        """
        SELECT d.delivery_key, d.delivery_id, d.webhook_key, d.subject, d.attempts, w.webhook_id, w.url, w.secret,
            e.body
        FROM delivery d JOIN webhook w ON w.webhook_key = d.webhook_key JOIN event e ON e.event_key = d.event_key
        WHERE d.state = 'due' AND d.due_ms <= \(now) AND w.is_active = 1 AND d.webhook_key NOT IN (
            SELECT webhook_key FROM delivery WHERE lease IS NOT NULL AND due_ms > \(now)
            GROUP BY webhook_key HAVING count(*) >= \(limit)
        )
        ORDER BY d.due_ms, d.delivery_key LIMIT 1
        """
    }

    static func take(_ key: Int64, _ lease: String, until end: Timestamp, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET lease = \(lease), due_ms = \(end), attempts = attempts + 1, changed_ms = \(now)
        WHERE delivery_key = \(key)
        """
    }

    /// Locks a webhook on PostgreSQL, as whoever adds to one of its lines does.
    static func lock(_ webhookKey: Int64) -> SQL {
        let select: SQL = "SELECT webhook_key FROM webhook WHERE webhook_key = \(webhookKey)"
        return .dialect(sqlite: select, postgres: "\(select) FOR NO KEY UPDATE")
    }

    /// Notes how an attempt ended, unless somebody else has taken the delivery since.
    ///
    /// - Parameter dueAt: When to try again; `nil` never.
    static func settle(
        _ taken: TakenDelivery,
        as state: Delivery.State,
        dueAt: Timestamp?,
        _ result: (status: Int?, failure: String?),
        at now: Timestamp
    ) -> SQL {
        """
        UPDATE delivery SET state = \(state.rawValue), due_ms = \(dueAt), lease = NULL,
            status = \(result.status.map(Int64.init)), failure = \(result.failure), changed_ms = \(now)
        WHERE delivery_key = \(taken.key) AND lease = \(taken.lease)
        """
    }

    /// Makes the first of a line due, unless something of it is already.
    static func promote(_ webhookKey: Int64, _ subject: String, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = 'due', due_ms = \(now), changed_ms = \(now)
        WHERE delivery_key = (
            SELECT min(delivery_key) FROM delivery
            WHERE webhook_key = \(webhookKey) AND subject = \(subject) AND state = 'queued'
        ) AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE webhook_key = \(webhookKey) AND subject = \(subject) AND state = 'due'
        )
        """
    }

    /// Leaves a receiver alone that has asked for it: what nobody is sending is due no sooner than at a moment.
    static func postpone(_ webhookKey: Int64, to moment: Timestamp, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET due_ms = \(moment), changed_ms = \(now)
        WHERE webhook_key = \(webhookKey) AND state = 'due' AND lease IS NULL AND due_ms < \(moment)
        """
    }

    /// Gives everything up that is open and that nobody is sending.
    static func giveUp(_ webhookKey: Int64, because failure: String, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = 'dead', due_ms = NULL, failure = \(failure), changed_ms = \(now)
        WHERE webhook_key = \(webhookKey) AND state IN ('due', 'queued') AND lease IS NULL
        """
    }

    static func decodeTaken(_ row: SQLRow, lease: String) -> TakenDelivery {
        TakenDelivery(
            key: row.integer(0),
            id: DeliveryID(trusted: row.text(1)),
            webhookKey: row.integer(2),
            subject: row.text(3),
            attempt: row.integer(4) + 1,
            webhookID: row.text(5),
            url: row.text(6),
            secret: row.optionalBytes(7).map(SealedSecret.init),
            body: row.text(8),
            lease: lease
        )
    }
}

/// What is listed and repeated.
extension DeliveryQueries {
    private static let columns: SQL = """
        d.delivery_key, d.delivery_id, e.kind, d.state, d.attempts, d.due_ms, d.status, d.failure, e.occurred_ms,
        d.changed_ms, e.body
        """

    /// The newest first, one more than `limit`.
    static func page(of webhookKey: Int64, in state: Delivery.State?, before key: Int64, limit: Int) -> SQL {
        let inState: SQL = if let state { "AND d.state = \(state.rawValue)" } else { "" }
        return """
            SELECT \(self.columns) FROM delivery d JOIN event e ON e.event_key = d.event_key
            WHERE d.webhook_key = \(webhookKey) AND d.delivery_key < \(key) \(inState)
            ORDER BY d.delivery_key DESC LIMIT \(limit + 1)
            """
    }

    static func find(_ id: String, of webhookKey: Int64) -> SQL {
        """
        SELECT \(self.columns), d.subject FROM delivery d JOIN event e ON e.event_key = d.event_key
        WHERE d.delivery_id = \(id) AND d.webhook_key = \(webhookKey)
        """
    }

    /// Puts a settled delivery back into its line.
    static func requeue(_ key: Int64, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = 'queued', attempts = 0, changed_ms = \(now)
        WHERE delivery_key = \(key) AND state IN ('delivered', 'dead')
        """
    }

    static func requeueDead(of webhookKey: Int64, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = 'queued', attempts = 0, changed_ms = \(now)
        WHERE webhook_key = \(webhookKey) AND state = 'dead'
        """
    }

    /// As ``promote(_:_:at:)``, for all lines of a webhook.
    static func promoteAll(of webhookKey: Int64, at now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = 'due', due_ms = \(now), changed_ms = \(now)
        WHERE delivery_key IN (
            SELECT min(q.delivery_key) FROM delivery q
            WHERE q.webhook_key = \(webhookKey) AND q.state = 'queued' AND NOT EXISTS (
                SELECT 1 FROM delivery d
                WHERE d.webhook_key = q.webhook_key AND d.subject = q.subject AND d.state = 'due'
            ) GROUP BY q.subject
        )
        """
    }

    static func decode(_ row: SQLRow) -> (key: Int64, delivery: Delivery)? {
        guard let kind = EventKind(named: row.text(2)), let state = Delivery.State(rawValue: row.text(3)) else {
            return nil
        }
        let delivery = Delivery(
            id: DeliveryID(trusted: row.text(1)),
            kind: kind,
            state: state,
            attempts: row.integer(4),
            dueAt: row.optionalInteger(5).map(Timestamp.init(milliseconds:)),
            status: row.optionalInteger(6),
            failure: row.optionalText(7),
            occurredAt: Timestamp(milliseconds: row.integer(8)),
            changedAt: Timestamp(milliseconds: row.integer(9)),
            body: row.text(10)
        )
        return (row.integer(0), delivery)
    }

    // MARK: What is forgotten

    static func forget(_ state: Delivery.State, before moment: Timestamp, limit: Int) -> SQL {
        """
        DELETE FROM delivery WHERE delivery_key IN (
            SELECT delivery_key FROM delivery
            WHERE state IN ('delivered', 'dead') AND state = \(state.rawValue) AND changed_ms < \(moment)
            ORDER BY changed_ms LIMIT \(limit)
        )
        """
    }

    static func forgetEvents(limit: Int) -> SQL {
        """
        DELETE FROM event WHERE event_key IN (
            SELECT e.event_key FROM event e
            WHERE NOT EXISTS (SELECT 1 FROM delivery d WHERE d.event_key = e.event_key) LIMIT \(limit)
        )
        """
    }
}
