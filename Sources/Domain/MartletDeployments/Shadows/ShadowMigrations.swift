import MartletSQL

extension DeploymentMigrations {
    /// How the answers of shadows compare with those that were returned.
    static let compareShadows = Migration(
        "deployments/0011-compare-shadows",
        [
            // NULL for what is no shadow's, and for what was decided before.
            "ALTER TABLE decision ADD COLUMN agreement \(.text)",
            "CREATE INDEX decision_of_original ON decision (shadow_of, id) WHERE shadow_of IS NOT NULL",
            "CREATE INDEX decision_that_differs ON decision (deployment_key, id) WHERE agreement = 'different'",
            "ALTER TABLE traffic ADD COLUMN agreements \(.int64) NOT NULL DEFAULT 0",
            "ALTER TABLE traffic ADD COLUMN differences \(.int64) NOT NULL DEFAULT 0",
        ]
    )
}
