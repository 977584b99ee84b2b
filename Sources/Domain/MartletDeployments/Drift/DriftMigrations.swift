import MartletSQL

extension DeploymentMigrations {
    /// How features and scores were distributed, hour by hour.
    static let countDrift = Migration(
        "deployments/0009-drift",
        [
            """
            CREATE TABLE drift_count (
                deployment_key \(.int64) NOT NULL REFERENCES deployment,
                hour \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                arm \(.int64) NOT NULL,
                feature \(.text) NOT NULL,
                counts \(.bytes) NOT NULL,
                PRIMARY KEY (deployment_key, hour, revision, arm, feature)
            ) \(SQL.clusteredTable)
            """
        ]
    )

    /// Finds the hours that are forgotten.
    static let forgetDrift = Migration(
        "deployments/0012-forget-drift",
        ["CREATE INDEX drift_count_by_hour ON drift_count (hour)"]
    )
}
