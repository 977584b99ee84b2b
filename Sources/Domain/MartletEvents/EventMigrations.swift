package import MartletSQL

/// The tables of webhooks and of what they are sent.
package enum EventMigrations {
    package static let all = [createTables, remarkWebhooks]

    private static let remarkWebhooks = Migration(
        "events/0002-remark-webhooks",
        ["ALTER TABLE webhook ADD COLUMN remark \(.text)"]
    )

    private static let createTables = Migration(
        "events/0001-create-tables",
        [
            // The secret is encrypted with a key that is not in the database (see ``WebhookSecrets``).
            """
            CREATE TABLE webhook (
                webhook_key \(.identity),
                webhook_id \(.text) NOT NULL UNIQUE,
                name \(.text) NOT NULL,
                description \(.text),
                url \(.text) NOT NULL,
                secret \(.bytes),
                is_active \(.int64) NOT NULL CHECK (is_active IN (0, 1)),
                created_ms \(.int64) NOT NULL,
                updated_ms \(.int64) NOT NULL
            ) \(SQL.strictTable)
            """,
            // By kind first: every change of the registry asks who listens to it.
            """
            CREATE TABLE webhook_kind (
                kind \(.text) NOT NULL,
                webhook_key \(.int64) NOT NULL REFERENCES webhook,
                PRIMARY KEY (kind, webhook_key)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX webhook_kind_of_webhook ON webhook_kind (webhook_key, kind)",
            """
            CREATE TABLE event (
                event_key \(.identity),
                kind \(.text) NOT NULL,
                subject \(.text) NOT NULL,
                occurred_ms \(.int64) NOT NULL,
                body \(.text) NOT NULL
            ) \(SQL.strictTable)
            """,
            // Of a webhook and a subject, the first open delivery is due and the others are queued. Whoever sends it
            // takes it by moving `due_ms` to when it is anybody's again, and puts a name of its own into `lease`.
            """
            CREATE TABLE delivery (
                delivery_key \(.identity),
                delivery_id \(.text) NOT NULL UNIQUE,
                webhook_key \(.int64) NOT NULL REFERENCES webhook,
                event_key \(.int64) NOT NULL REFERENCES event,
                subject \(.text) NOT NULL,
                state \(.text) NOT NULL CHECK (state IN ('due', 'queued', 'delivered', 'dead')),
                attempts \(.int64) NOT NULL,
                due_ms \(.int64),
                lease \(.text),
                status \(.int64),
                failure \(.text),
                changed_ms \(.int64) NOT NULL,
                CHECK ((state = 'due') = (due_ms IS NOT NULL)),
                CHECK (lease IS NULL OR state = 'due')
            ) \(SQL.strictTable)
            """,
            // What the schema says of lines: no two of one are sent at a time.
            "CREATE UNIQUE INDEX delivery_head ON delivery (webhook_key, subject) WHERE state = 'due'",
            "CREATE INDEX delivery_line ON delivery (webhook_key, subject, delivery_key) WHERE state = 'queued'",
            "CREATE INDEX delivery_by_due ON delivery (due_ms) WHERE state = 'due'",
            "CREATE INDEX delivery_taken ON delivery (webhook_key, due_ms) WHERE lease IS NOT NULL",
            "CREATE INDEX delivery_of_webhook ON delivery (webhook_key, delivery_key)",
            "CREATE INDEX delivery_of_event ON delivery (event_key)",
            "CREATE INDEX delivery_settled ON delivery (changed_ms) WHERE state IN ('delivered', 'dead')",
        ]
    )
}
