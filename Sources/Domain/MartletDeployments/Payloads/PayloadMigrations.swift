import MartletSQL

extension DeploymentMigrations {
    /// What some of the requests and answers were.
    static let keepPayloads = Migration(
        "deployments/0010-keep-payloads",
        [
            // A body is NULL that was too long, or that could not be redacted.
            """
            CREATE TABLE decision_payload (
                decision_id \(.bytes) NOT NULL PRIMARY KEY,
                request \(.bytes),
                request_type \(.text),
                answer \(.bytes),
                answer_type \(.text),
                is_redacted \(.int64) NOT NULL CHECK (is_redacted IN (0, 1))
            ) \(SQL.clusteredTable)
            """
        ]
    )
}
