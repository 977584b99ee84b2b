package import MartletSQL

/// The tables of deployments. Revisions and their arms are only ever added.
package enum DeploymentMigrations {
    package static let all = [
        createTables, recordDecisions, createExperiments, countTraffic, findConditions, rollOut, rememberEffects,
        sealDecisions, countDrift, keepPayloads, compareShadows, forgetDrift, pinRollouts,
        rememberMeasured, closeDecisions,
    ]

    private static let createTables = Migration(
        "deployments/0001-create-tables",
        [
            """
            CREATE TABLE deployment (
                deployment_key \(.identity),
                name \(.text) NOT NULL,
                salt \(.text) NOT NULL,
                revision \(.int64) NOT NULL,
                change \(.int64) NOT NULL,
                created_ms \(.int64) NOT NULL,
                deleted_ms \(.int64)
            ) \(SQL.strictTable)
            """,
            // Which deployments have changed since somebody looked.
            "CREATE INDEX deployment_by_change ON deployment (change)",
            "CREATE UNIQUE INDEX deployment_by_name ON deployment (name) WHERE deleted_ms IS NULL",
            """
            CREATE TABLE deployment_revision (
                deployment_key \(.int64) NOT NULL REFERENCES deployment,
                number \(.int64) NOT NULL,
                cause \(.text) NOT NULL,
                settings \(.text) NOT NULL,
                actor \(.text) NOT NULL,
                reason \(.text),
                created_ms \(.int64) NOT NULL,
                entry_index \(.int64) NOT NULL,
                restores \(.int64),
                PRIMARY KEY (deployment_key, number)
            ) \(SQL.clusteredTable)
            """,
            // What a model was called and which number a version had is what the revision said, whatever they become.
            // Without a URL, the gateway's own server runs the version.
            """
            CREATE TABLE deployment_arm (
                deployment_key \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                position \(.int64) NOT NULL,
                name \(.text) NOT NULL,
                role \(.text) NOT NULL,
                share \(.int64) NOT NULL,
                version_key \(.int64) NOT NULL REFERENCES model_version,
                model \(.text) NOT NULL,
                version \(.int64) NOT NULL,
                semantic_version \(.text),
                digest \(.bytes) NOT NULL,
                url \(.text),
                PRIMARY KEY (deployment_key, revision, position)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX deployment_arm_of_version ON deployment_arm (version_key, deployment_key, revision)",
            // One row, which every change of a deployment counts up: what gateways look at to learn that there is news.
            """
            CREATE TABLE deployment_head (
                head_key \(.int64) NOT NULL PRIMARY KEY CHECK (head_key = 1),
                change \(.int64) NOT NULL
            ) \(SQL.strictTable)
            """,
            "INSERT INTO deployment_head (head_key, change) VALUES (1, 0)",
        ]
    )
}
