import MartletSQL

extension TrackingMigrations {
    /// Datasets and models that runs read and write.
    static let createInputs = Migration(
        "tracking/0002-create-inputs",
        [
            """
            CREATE TABLE dataset (
                dataset_key \(.identity),
                experiment_id \(.int64) NOT NULL REFERENCES experiment,
                name \(.text) NOT NULL,
                digest \(.text) NOT NULL,
                source_type \(.text) NOT NULL,
                source \(.text) NOT NULL,
                schema_text \(.text),
                profile \(.text),
                UNIQUE (experiment_id, name, digest)
            ) \(SQL.strictTable)
            """,
            """
            CREATE TABLE run_dataset (
                run_key \(.int64) NOT NULL REFERENCES run,
                dataset_key \(.int64) NOT NULL REFERENCES dataset,
                PRIMARY KEY (run_key, dataset_key)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE run_dataset_tag (
                run_key \(.int64) NOT NULL,
                dataset_key \(.int64) NOT NULL,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (run_key, dataset_key, key),
                FOREIGN KEY (run_key, dataset_key) REFERENCES run_dataset
            ) \(SQL.clusteredTable)
            """,
            // The models of other servers may be named here, so nothing is referenced.
            """
            CREATE TABLE run_model_input (
                run_key \(.int64) NOT NULL REFERENCES run,
                model_id \(.text) NOT NULL,
                PRIMARY KEY (run_key, model_id)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE run_model_output (
                run_key \(.int64) NOT NULL REFERENCES run,
                model_id \(.text) NOT NULL,
                step \(.int64) NOT NULL,
                PRIMARY KEY (run_key, model_id)
            ) \(SQL.clusteredTable)
            """,
        ]
    )

    /// What a run's latest point of a metric was measured on, where somebody said so.
    static let createMetricDatasets = Migration(
        "tracking/0005-create-metric-datasets",
        [
            """
            CREATE TABLE metric_dataset (
                run_key \(.int64) NOT NULL REFERENCES run,
                key \(.text) NOT NULL,
                dataset_name \(.text) NOT NULL,
                dataset_digest \(.text) NOT NULL,
                value \(.double) NOT NULL,
                step \(.int64) NOT NULL,
                logged_ms \(.int64) NOT NULL,
                PRIMARY KEY (run_key, key, dataset_name, dataset_digest)
            ) \(SQL.clusteredTable)
            """
        ]
    )

    /// For lineage, which asks from a dataset on.
    static let indexDatasets = Migration(
        "tracking/0004-index-datasets",
        [
            "CREATE INDEX dataset_by_name ON dataset (name, digest)",
            "CREATE INDEX dataset_by_digest ON dataset (digest)",
            "CREATE INDEX run_dataset_by_dataset ON run_dataset (dataset_key)",
        ]
    )
}
