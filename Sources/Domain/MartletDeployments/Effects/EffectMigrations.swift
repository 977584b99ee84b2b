import MartletSQL

extension DeploymentMigrations {
    /// Who serves, and since when by which revision.
    static let rememberEffects = Migration(
        "deployments/0007-effects",
        [
            // Servers that share the database, each as long as it says that it is there.
            """
            CREATE TABLE serving_server (
                server_id \(.text) NOT NULL PRIMARY KEY,
                started_ms \(.int64) NOT NULL,
                seen_ms \(.int64) NOT NULL
            ) \(SQL.strictTable)
            """,
            // How long it took is known to the server that was asked; for the others the difference tells.
            """
            CREATE TABLE deployment_effect (
                deployment_key \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                server_id \(.text) NOT NULL,
                effective_ms \(.int64) NOT NULL,
                took_ms \(.int64),
                PRIMARY KEY (deployment_key, revision, server_id)
            ) \(SQL.clusteredTable)
            """,
        ]
    )
}
