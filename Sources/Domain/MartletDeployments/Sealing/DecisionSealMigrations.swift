import MartletSQL

extension DeploymentMigrations {
    /// What decisions come to, so that none can be changed unnoticed.
    static let sealDecisions = Migration(
        "deployments/0008-seal-decisions",
        [
            // The tree over a deployment's decisions of some time: its root, and of each block of 1,024 the id of the
            // first and the root.
            """
            CREATE TABLE decision_seal (
                deployment_key \(.int64) NOT NULL,
                start_ms \(.int64) NOT NULL,
                end_ms \(.int64) NOT NULL,
                count \(.int64) NOT NULL,
                root \(.bytes) NOT NULL,
                blocks \(.bytes) NOT NULL,
                entry_index \(.int64) NOT NULL,
                forgotten_ms \(.int64),
                PRIMARY KEY (deployment_key, start_ms)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX decision_seal_kept ON decision_seal (deployment_key, end_ms) WHERE forgotten_ms IS NULL",
            // One row: everything before that moment is sealed.
            """
            CREATE TABLE decision_seal_head (
                head_key \(.int64) NOT NULL PRIMARY KEY CHECK (head_key = 1),
                end_ms \(.int64) NOT NULL
            ) \(SQL.strictTable)
            """,
            "INSERT INTO decision_seal_head (head_key, end_ms) VALUES (1, 0)",
        ]
    )

    /// Since when records are taken: a period is closed before it is read to be sealed.
    static let closeDecisions = Migration(
        "deployments/0015-close-decisions",
        [
            "ALTER TABLE decision_seal_head ADD COLUMN open_ms \(.int64) NOT NULL DEFAULT 0",
            "UPDATE decision_seal_head SET open_ms = end_ms",
        ]
    )
}
