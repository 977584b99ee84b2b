import MartletCore
import MartletSQL

/// Every statement that touches `webhook` and `webhook_kind`, but those of the outbox.
enum WebhookQueries {
    private static let columns: SQL = """
        w.webhook_key, w.webhook_id, w.name, w.description, w.url, w.is_active, w.created_ms, w.updated_ms, w.secret,
        w.remark
        """

    /// Returns the new row's key.
    static func insert(_ webhook: Webhook, secret: SealedSecret?) -> SQL {
        """
        INSERT INTO webhook (webhook_id, name, description, url, secret, is_active, created_ms, updated_ms)
        VALUES (
            \(webhook.id), \(webhook.name.rawValue), \(webhook.description), \(webhook.url), \(secret),
            \(webhook.isActive), \(webhook.createdAt), \(webhook.updatedAt)
        ) RETURNING webhook_key
        """
    }

    static let count: SQL = "SELECT count(*) FROM webhook"

    static func find(_ id: String) -> SQL {
        "SELECT \(self.columns) FROM webhook w WHERE w.webhook_id = \(id)"
    }

    /// The newest first, one more than `limit`: those that listen to any of `kinds`.
    static func page(listeningTo kinds: [EventKind], before key: Int64, limit: Int) -> SQL {
        """
        SELECT \(self.columns) FROM webhook w
        WHERE w.webhook_key < \(key) AND EXISTS (
            SELECT 1 FROM webhook_kind k
            WHERE k.webhook_key = w.webhook_key AND k.kind IN \(anyOf: kinds.map(\.name))
        ) ORDER BY w.webhook_key DESC LIMIT \(limit + 1)
        """
    }

    static func kinds(of keys: [Int64]) -> SQL {
        """
        SELECT webhook_key, kind FROM webhook_kind
        WHERE webhook_key \(isAnyOf: keys) ORDER BY webhook_key, kind
        """
    }

    static func update(_ key: Int64, to webhook: Webhook, secret: SealedSecret?) -> SQL {
        """
        UPDATE webhook SET name = \(webhook.name.rawValue), description = \(webhook.description), url = \(webhook.url),
            secret = \(secret), is_active = \(webhook.isActive), remark = \(webhook.remark),
            updated_ms = \(webhook.updatedAt)
        WHERE webhook_key = \(key)
        """
    }

    /// Changes nothing when it is disabled already, or calls somebody else by now.
    static func disable(_ key: Int64, calling url: String, remark: String, at now: Timestamp) -> SQL {
        """
        UPDATE webhook SET is_active = 0, remark = \(remark), updated_ms = \(now)
        WHERE webhook_key = \(key) AND is_active = 1 AND url = \(url)
        """
    }

    static func setKinds(_ kinds: [EventKind], of key: Int64) -> SQLBatch {
        var batch = SQLBatch(
            "INSERT INTO webhook_kind (webhook_key, kind) VALUES (?, ?) ON CONFLICT DO NOTHING",
            constants: [.integer(key)],
            columnCount: 1
        )
        for kind in kinds { batch.append(.text(kind.name)) }
        return batch
    }

    static func deleteKinds(of key: Int64) -> SQL {
        "DELETE FROM webhook_kind WHERE webhook_key = \(key)"
    }

    static func deleteDeliveries(of key: Int64) -> SQL {
        "DELETE FROM delivery WHERE webhook_key = \(key)"
    }

    static func delete(_ key: Int64) -> SQL {
        "DELETE FROM webhook WHERE webhook_key = \(key)"
    }

    /// Without its kinds.
    static func decode(_ row: SQLRow) -> FoundWebhook {
        let secret = row.optionalBytes(8).map(SealedSecret.init)
        let webhook = Webhook(
            id: row.text(1),
            name: WebhookName(trusted: row.text(2)),
            description: row.optionalText(3),
            url: row.text(4),
            kinds: [],
            isActive: row.bool(5),
            remark: row.optionalText(9),
            createdAt: Timestamp(milliseconds: row.integer(6)),
            updatedAt: Timestamp(milliseconds: row.integer(7)),
            hasSecret: secret != nil
        )
        return FoundWebhook(key: row.integer(0), secret: secret, webhook: webhook)
    }
}

/// A webhook inside a transaction.
struct FoundWebhook {
    let key: Int64
    let secret: SealedSecret?
    var webhook: Webhook

    /// - Throws: `notFound` in MLflow's words.
    static func find(_ id: String, on db: any Connection) throws(MartletError) -> FoundWebhook {
        guard let row = try db.queryOne(WebhookQueries.find(id)) else {
            throw MartletError(.notFound, "Webhook with ID \(id) not found.")
        }
        return try self.load([WebhookQueries.decode(row)], from: db)[0]
    }

    /// Completes webhooks with what they listen to.
    static func load(_ found: [FoundWebhook], from db: any Connection) throws(MartletError) -> [FoundWebhook] {
        guard !found.isEmpty else { return [] }
        var kinds: [Int64: [EventKind]] = [:]
        for row in try db.query(WebhookQueries.kinds(of: found.map(\.key))) {
            guard let kind = EventKind(named: row.text(1)) else { continue }
            kinds[row.integer(0), default: []].append(kind)
        }
        return found.map { found in
            var found = found
            found.webhook.kinds = kinds[found.key] ?? []
            return found
        }
    }
}
