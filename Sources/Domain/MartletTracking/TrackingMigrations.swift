package import MartletSQL

/// The tables of experiments, runs and what is logged to them.
///
/// Rows that belong to a run carry its `run_key`, an integer that never leaves the server, and lie
/// together on disk in key order. Nothing here is ever physically deleted: `deleted_ms` hides.
package enum TrackingMigrations {
    package static let all = [
        createTables, createInputs, createLoggedModels, indexDatasets, createMetricDatasets, indexParams,
    ]

    private static let createTables = Migration(
        "tracking/0001-create-tables",
        [
            """
            CREATE TABLE experiment (
                experiment_id \(.identity),
                name \(.text) NOT NULL UNIQUE,
                artifact_location \(.text) NOT NULL,
                created_ms \(.int64) NOT NULL,
                updated_ms \(.int64) NOT NULL,
                deleted_ms \(.int64)
            ) \(SQL.strictTable)
            """,
            """
            CREATE TABLE experiment_tag (
                experiment_id \(.int64) NOT NULL REFERENCES experiment,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (experiment_id, key)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE run (
                run_key \(.identity),
                run_id \(.text) NOT NULL UNIQUE,
                experiment_id \(.int64) NOT NULL REFERENCES experiment,
                name \(.text) NOT NULL,
                user_name \(.text) NOT NULL,
                status \(.text) NOT NULL
                    CHECK (status IN ('RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED')),
                artifact_uri \(.text) NOT NULL,
                started_ms \(.int64) NOT NULL,
                ended_ms \(.int64),
                deleted_ms \(.int64)
            ) \(SQL.strictTable)
            """,
            // The order in which runs are listed unless somebody asks for another.
            "CREATE INDEX run_by_start ON run (experiment_id, started_ms DESC, run_id, deleted_ms)",
            """
            CREATE TABLE run_tag (
                run_key \(.int64) NOT NULL REFERENCES run,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (run_key, key)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE param (
                run_key \(.int64) NOT NULL REFERENCES run,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (run_key, key)
            ) \(SQL.clusteredTable)
            """,
            // The latest point of each metric. The experiment is repeated for the index below.
            """
            CREATE TABLE metric (
                run_key \(.int64) NOT NULL REFERENCES run,
                key \(.text) NOT NULL,
                experiment_id \(.int64) NOT NULL,
                value \(.double) NOT NULL,
                is_nan \(.int64) NOT NULL CHECK (is_nan IN (0, 1)),
                step \(.int64) NOT NULL,
                logged_ms \(.int64) NOT NULL,
                PRIMARY KEY (run_key, key)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX metric_by_value ON metric (experiment_id, key, is_nan, value, run_key)",
            // Every point ever logged. No reference to `run`: a point is only ever written in the
            // transaction that has just read its run, and the check would cost a third of the write.
            """
            CREATE TABLE metric_point (
                run_key \(.int64) NOT NULL,
                key \(.text) NOT NULL,
                logged_ms \(.int64) NOT NULL,
                step \(.int64) NOT NULL,
                value \(.double) NOT NULL,
                is_nan \(.int64) NOT NULL,
                PRIMARY KEY (run_key, key, logged_ms, step, value, is_nan)
            ) \(SQL.clusteredTable)
            """,
        ]
    )

    /// For searches by what hardly any run has. The beginning of a value will do, and fits into an index.
    private static let indexParams = Migration(
        "tracking/0006-index-params",
        [
            "CREATE INDEX param_by_value ON param (key, substr(value, 1, 64), run_key)",
            // The tag by which clients ask for the runs below another one, and no other: each would cost every run.
            """
            CREATE INDEX run_tag_of_children ON run_tag (substr(value, 1, 64), run_key)
            WHERE key = 'mlflow.parentRunId'
            """,
        ]
    )
}
