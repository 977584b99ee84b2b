package import MartletSQL

/// The tables of the ledger. Rows are only ever added, but for the one of `ledger_head`.
package enum LedgerMigrations {
    package static let all = [createTables, findDeployments]

    private static let createTables = Migration(
        "ledger/0001-create-tables",
        [
            // One row, which whoever appends locks: entries are written one after the other. `origin` names the
            // ledger; it is empty until the first start has chosen a name.
            """
            CREATE TABLE ledger_head (
                head_key \(.int64) NOT NULL PRIMARY KEY CHECK (head_key = 1),
                origin \(.text) NOT NULL,
                size \(.int64) NOT NULL,
                last_leaf \(.text) NOT NULL,
                last_ms \(.int64) NOT NULL
            ) \(SQL.strictTable)
            """,
            """
            INSERT INTO ledger_head (head_key, origin, size, last_leaf, last_ms)
            VALUES (1, '', 0, '\(SQL.noLeaf)', 0)
            """,
            // What `body` says of its subject and time is repeated in columns, to find it by; only `body` counts.
            """
            CREATE TABLE ledger_entry (
                entry_index \(.int64) NOT NULL PRIMARY KEY,
                leaf \(.bytes) NOT NULL,
                model_key \(.int64) NOT NULL,
                version \(.int64),
                action \(.text) NOT NULL,
                at_ms \(.int64) NOT NULL,
                body \(.text) NOT NULL
            ) \(SQL.strictTable)
            """,
            "CREATE INDEX ledger_entry_of_model ON ledger_entry (model_key, entry_index)",
            """
            CREATE INDEX ledger_entry_of_version ON ledger_entry (model_key, version, entry_index)
            WHERE version IS NOT NULL
            """,
            // What rollbacks and purges ask, however much else has happened.
            """
            CREATE INDEX ledger_entry_moves ON ledger_entry (model_key, entry_index)
            WHERE action IN ('version.transition', 'version.rollback')
            """,
            // Which entry says what a version's digest is.
            """
            CREATE INDEX ledger_entry_digests ON ledger_entry (model_key, version, entry_index)
            WHERE action IN ('version.register', 'version.seal')
            """,
            // The roots of complete subtrees above the leaves; they never change.
            """
            CREATE TABLE ledger_node (
                level \(.int64) NOT NULL,
                node_index \(.int64) NOT NULL,
                hash \(.bytes) NOT NULL,
                PRIMARY KEY (level, node_index)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE ledger_checkpoint (
                size \(.int64) NOT NULL,
                key_hash \(.text) NOT NULL,
                signed_ms \(.int64) NOT NULL,
                note \(.text) NOT NULL,
                PRIMARY KEY (size, key_hash)
            ) \(SQL.clusteredTable)
            """,
        ]
    )

    private static let findDeployments = Migration(
        "ledger/0002-find-deployments",
        [
            "ALTER TABLE ledger_entry ADD COLUMN deployment_key \(.int64)",
            """
            CREATE INDEX ledger_entry_of_deployment ON ledger_entry (deployment_key, entry_index)
            WHERE deployment_key IS NOT NULL
            """,
            "CREATE INDEX ledger_entry_keys ON ledger_entry (entry_index) WHERE action = 'ledger.key'",
        ]
    )
}

extension SQL {
    /// What the first entry says of the one before it.
    fileprivate static let noLeaf: SQL = "0000000000000000000000000000000000000000000000000000000000000000"
}
