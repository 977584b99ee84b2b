import MartletSQL

extension DeploymentMigrations {
    /// Experiments, and what is added up for them.
    static let createExperiments = Migration(
        "deployments/0003-experiments",
        [
            """
            CREATE TABLE deployment_experiment (
                experiment_key \(.identity),
                deployment_key \(.int64) NOT NULL REFERENCES deployment,
                number \(.int64) NOT NULL,
                plan \(.text) NOT NULL,
                first_revision \(.int64) NOT NULL,
                actor \(.text) NOT NULL,
                reason \(.text),
                started_ms \(.int64) NOT NULL,
                entry_index \(.int64) NOT NULL,
                stop_actor \(.text),
                stop_reason \(.text),
                stopped_ms \(.int64),
                stop_entry_index \(.int64)
            ) \(SQL.strictTable)
            """,
            "CREATE UNIQUE INDEX deployment_experiment_by_number ON deployment_experiment (deployment_key, number)",
            // Two at once could not be told apart by their subjects.
            """
            CREATE UNIQUE INDEX deployment_experiment_under_way ON deployment_experiment (deployment_key)
            WHERE stopped_ms IS NULL
            """,
            // A unit is the hash of a subject, or the id of a decision without one. The arm is its place in the plan.
            """
            CREATE TABLE experiment_unit (
                experiment_key \(.int64) NOT NULL REFERENCES deployment_experiment,
                unit \(.bytes) NOT NULL,
                arm \(.int64) NOT NULL,
                PRIMARY KEY (experiment_key, unit)
            ) \(SQL.clusteredTable)
            """,
            // What of a unit was counted already.
            """
            CREATE TABLE experiment_outcome (
                experiment_key \(.int64) NOT NULL,
                unit \(.bytes) NOT NULL,
                metric \(.text) NOT NULL,
                PRIMARY KEY (experiment_key, unit, metric)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE experiment_count (
                experiment_key \(.int64) NOT NULL REFERENCES deployment_experiment,
                revision \(.int64) NOT NULL,
                arm \(.int64) NOT NULL,
                units \(.int64) NOT NULL,
                PRIMARY KEY (experiment_key, revision, arm)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE experiment_sum (
                experiment_key \(.int64) NOT NULL REFERENCES deployment_experiment,
                arm \(.int64) NOT NULL,
                metric \(.text) NOT NULL,
                summary \(.bytes) NOT NULL,
                PRIMARY KEY (experiment_key, arm, metric)
            ) \(SQL.clusteredTable)
            """,
        ]
    )
}

extension DeploymentMigrations {
    /// Remembers of whom the gateway's own metrics were counted, as of other metrics: of everybody that was counted.
    static let rememberMeasured = Migration(
        "deployments/0014-remember-measured",
        [
            """
            INSERT INTO experiment_outcome (experiment_key, unit, metric)
            SELECT u.experiment_key, u.unit, m.metric FROM experiment_unit u
            JOIN deployment_experiment e ON e.experiment_key = u.experiment_key AND e.stopped_ms IS NULL
            CROSS JOIN (SELECT 'gateway.error' AS metric UNION ALL SELECT 'gateway.latency') m
            """
        ]
    )
}
