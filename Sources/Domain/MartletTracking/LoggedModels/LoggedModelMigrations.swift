import MartletSQL

extension TrackingMigrations {
    /// Models as things of their own, with what was logged of them.
    static let createLoggedModels = Migration(
        "tracking/0003-create-logged-models",
        [
            // The run that made a model may live on another server, so it is not referenced.
            """
            CREATE TABLE logged_model (
                model_key \(.identity),
                model_id \(.text) NOT NULL UNIQUE,
                experiment_id \(.int64) NOT NULL REFERENCES experiment,
                name \(.text) NOT NULL,
                source_run_id \(.text),
                status \(.text) NOT NULL CHECK (status IN ('PENDING', 'READY', 'FAILED')),
                model_type \(.text) NOT NULL,
                artifact_uri \(.text) NOT NULL,
                created_ms \(.int64) NOT NULL,
                updated_ms \(.int64) NOT NULL,
                deleted_ms \(.int64)
            ) \(SQL.strictTable)
            """,
            // The order in which models are listed unless somebody asks for another.
            """
            CREATE INDEX logged_model_by_creation
            ON logged_model (experiment_id, created_ms DESC, model_id, deleted_ms)
            """,
            """
            CREATE TABLE logged_model_param (
                model_key \(.int64) NOT NULL REFERENCES logged_model,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (model_key, key)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE logged_model_tag (
                model_key \(.int64) NOT NULL REFERENCES logged_model,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (model_key, key)
            ) \(SQL.clusteredTable)
            """,
            // Every point ever logged, in the order of its history. A point that was not measured on a
            // dataset has an empty name and digest: a part of a primary key cannot be NULL.
            """
            CREATE TABLE logged_model_metric (
                model_key \(.int64) NOT NULL REFERENCES logged_model,
                key \(.text) NOT NULL,
                logged_ms \(.int64) NOT NULL,
                step \(.int64) NOT NULL,
                run_key \(.int64) NOT NULL REFERENCES run,
                dataset_name \(.text) NOT NULL,
                dataset_digest \(.text) NOT NULL,
                value \(.double) NOT NULL,
                is_nan \(.int64) NOT NULL CHECK (is_nan IN (0, 1)),
                PRIMARY KEY (
                    model_key, key, logged_ms, step, run_key, dataset_name, dataset_digest, value, is_nan
                )
            ) \(SQL.clusteredTable)
            """,
        ]
    )
}
