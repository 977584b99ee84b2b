import MartletSQL

extension DeploymentMigrations {
    /// How features and scores were distributed, hour by hour.
    static let countDrift = Migration(
        "deployments/0007-drift",
        [
            """
            CREATE TABLE drift_count (
                deployment_key \(.int64) NOT NULL REFERENCES deployment,
                version_key \(.int64) NOT NULL,
                feature \(.text) NOT NULL,
                hour \(.int64) NOT NULL,
                counts \(.bytes) NOT NULL,
                PRIMARY KEY (deployment_key, version_key, feature, hour)
            ) \(SQL.clusteredTable)
            """
        ]
    )
}
