import MartletSQL

extension DeploymentMigrations {
    /// What was decided, and what came of it. Decisions are appended; only what was streaming is completed later.
    static let recordDecisions = Migration(
        "deployments/0002-record-decisions",
        [
            """
            CREATE TABLE decision (
                id \(.bytes) NOT NULL PRIMARY KEY,
                deployment_key \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                arm \(.int64) NOT NULL,
                at_ms \(.int64) NOT NULL,
                subject \(.bytes),
                shadow_of \(.bytes),
                request_sha256 \(.bytes) NOT NULL,
                status \(.int64) NOT NULL,
                failure \(.text),
                answer_sha256 \(.bytes),
                latency_us \(.int64) NOT NULL
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX decision_of_subject ON decision (deployment_key, subject, id) WHERE subject IS NOT NULL",
            // One of a name for each decision: what it turned out to be.
            """
            CREATE TABLE outcome (
                decision_id \(.bytes) NOT NULL,
                metric \(.text) NOT NULL,
                value \(.double) NOT NULL,
                actor \(.text) NOT NULL,
                told_ms \(.int64) NOT NULL,
                PRIMARY KEY (decision_id, metric)
            ) \(SQL.clusteredTable)
            """,
            // All that comparing arms needs of outcomes, added up as they come.
            """
            CREATE TABLE outcome_sum (
                deployment_key \(.int64) NOT NULL,
                revision \(.int64) NOT NULL,
                arm \(.int64) NOT NULL,
                metric \(.text) NOT NULL,
                count \(.int64) NOT NULL,
                sum \(.double) NOT NULL,
                square_sum \(.double) NOT NULL,
                PRIMARY KEY (deployment_key, revision, arm, metric)
            ) \(SQL.clusteredTable)
            """,
        ]
    )
}
