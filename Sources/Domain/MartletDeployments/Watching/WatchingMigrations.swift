import MartletSQL

extension DeploymentMigrations {
    /// What came of requests, as sums.
    static let countTraffic = Migration(
        "deployments/0004-traffic",
        [
            // A row says what ended in the time up to `at_ms`. Each server adds rows of its own every second, so that
            // none waits for another; a quarter of an hour later those of a minute become one, whose server is empty.
            """
            CREATE TABLE traffic (
                deployment_key \(.int64) NOT NULL,
                at_ms \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                arm \(.int64) NOT NULL,
                server \(.text) NOT NULL,
                refusals \(.int64) NOT NULL,
                failures \(.int64) NOT NULL,
                latency \(.bytes) NOT NULL,
                PRIMARY KEY (deployment_key, at_ms, revision, arm, server)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX traffic_fresh ON traffic (at_ms) WHERE server <> ''",
            "CREATE INDEX traffic_condensed ON traffic (at_ms) WHERE server = ''",
        ]
    )

    /// What was found wrong with arms, and who looks.
    static let findConditions = Migration(
        "deployments/0005-conditions",
        [
            // Once for each revision, arm and condition.
            """
            CREATE TABLE condition_finding (
                deployment_key \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                arm \(.int64) NOT NULL,
                condition \(.text) NOT NULL,
                measured \(.double) NOT NULL,
                count \(.int64) NOT NULL,
                failures \(.int64),
                remark \(.text),
                at_ms \(.int64) NOT NULL,
                PRIMARY KEY (deployment_key, revision, arm, condition)
            ) \(SQL.clusteredTable)
            """,
            // What one server does for all; anybody's again when its time is over.
            """
            CREATE TABLE lease (
                name \(.text) NOT NULL PRIMARY KEY,
                holder \(.text) NOT NULL,
                until_ms \(.int64) NOT NULL
            ) \(SQL.clusteredTable)
            """,
        ]
    )

    /// Roll-outs by steps.
    static let rollOut = Migration(
        "deployments/0006-rollouts",
        [
            // A step is the number of shares that the version was given so far; the next one may come at `due_ms`.
            """
            CREATE TABLE rollout (
                rollout_key \(.identity),
                deployment_key \(.int64) NOT NULL REFERENCES deployment,
                state \(.text) NOT NULL CHECK (state IN ('scheduled', 'running', 'paused', 'done', 'aborted')),
                model \(.text) NOT NULL,
                version \(.int64) NOT NULL,
                arm \(.text) NOT NULL,
                url \(.text),
                steps \(.text) NOT NULL,
                pause_ms \(.int64) NOT NULL,
                requests_min \(.int64) NOT NULL,
                conditions \(.text),
                actor \(.text) NOT NULL,
                reason \(.text),
                steps_done \(.int64) NOT NULL,
                revision \(.int64),
                due_ms \(.int64) NOT NULL,
                remark \(.text),
                created_ms \(.int64) NOT NULL,
                changed_ms \(.int64) NOT NULL
            ) \(SQL.strictTable)
            """,
            "CREATE INDEX rollout_of_deployment ON rollout (deployment_key, rollout_key)",
            """
            CREATE UNIQUE INDEX rollout_open ON rollout (deployment_key)
            WHERE state IN ('scheduled', 'running', 'paused')
            """,
            "CREATE INDEX rollout_by_due ON rollout (due_ms) WHERE state IN ('scheduled', 'running')",
        ]
    )

    /// Keeps which version a roll-out means, whatever its model will be called.
    static let pinRollouts = Migration(
        "deployments/0013-pin-rollouts",
        [
            "ALTER TABLE rollout ADD COLUMN version_key \(.int64)",
            """
            UPDATE rollout SET version_key = (
                SELECT v.version_key FROM registered_model m
                JOIN model_version v ON v.model_key = m.model_key AND v.number = rollout.version
                WHERE m.name = rollout.model AND m.deleted_ms IS NULL
            )
            """,
        ]
    )
}
