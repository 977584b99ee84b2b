package import MartletSQL

/// The tables of registered models and their versions.
///
/// Rows that belong to a model or a version carry its key, an integer that never leaves the server, so
/// renaming a model changes one row. Models and versions are never physically deleted: `deleted_ms` hides
/// them together with what belongs to them.
package enum RegistryMigrations {
    package static let all = [createTables, sealVersions, rememberThePast]

    private static let createTables = Migration(
        "registry/0001-create-tables",
        [
            // `version_count` is the last number given out: it only ever grows, so no number is used twice.
            """
            CREATE TABLE registered_model (
                model_key \(.identity),
                name \(.text) NOT NULL,
                description \(.text),
                version_count \(.int64) NOT NULL,
                created_ms \(.int64) NOT NULL,
                updated_ms \(.int64) NOT NULL,
                deleted_ms \(.int64)
            ) \(SQL.strictTable)
            """,
            // A deleted model keeps its name, and so does the one that may be called the same afterwards.
            "CREATE UNIQUE INDEX registered_model_name ON registered_model (name) WHERE deleted_ms IS NULL",
            "CREATE INDEX registered_model_by_update ON registered_model (updated_ms, name) WHERE deleted_ms IS NULL",
            """
            CREATE TABLE registered_model_tag (
                model_key \(.int64) NOT NULL REFERENCES registered_model,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (model_key, key)
            ) \(SQL.clusteredTable)
            """,
            // The run and the logged model may be another server's, so nothing is referenced; '' is none.
            // Which stages there are is the domain's to say: a model may come to have its own.
            """
            CREATE TABLE model_version (
                version_key \(.identity),
                model_key \(.int64) NOT NULL REFERENCES registered_model,
                number \(.int64) NOT NULL,
                source \(.text) NOT NULL,
                artifact_uri \(.text) NOT NULL,
                run_id \(.text) NOT NULL,
                logged_model_id \(.text) NOT NULL,
                run_link \(.text) NOT NULL,
                description \(.text),
                stage \(.text) NOT NULL,
                created_ms \(.int64) NOT NULL,
                updated_ms \(.int64) NOT NULL,
                deleted_ms \(.int64),
                UNIQUE (model_key, number)
            ) \(SQL.strictTable)
            """,
            // The orders in which versions are listed unless somebody asks for another: of all models, of one.
            "CREATE INDEX model_version_by_update ON model_version (updated_ms) WHERE deleted_ms IS NULL",
            """
            CREATE INDEX model_version_of_model_by_update
            ON model_version (model_key, updated_ms, number) WHERE deleted_ms IS NULL
            """,
            "CREATE INDEX model_version_by_stage ON model_version (model_key, stage, number) WHERE deleted_ms IS NULL",
            "CREATE INDEX model_version_by_run ON model_version (run_id)",
            """
            CREATE TABLE model_version_tag (
                version_key \(.int64) NOT NULL REFERENCES model_version,
                key \(.text) NOT NULL,
                value \(.text) NOT NULL,
                PRIMARY KEY (version_key, key)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE model_alias (
                model_key \(.int64) NOT NULL REFERENCES registered_model,
                alias \(.text) NOT NULL,
                version_key \(.int64) NOT NULL REFERENCES model_version,
                PRIMARY KEY (model_key, alias)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX model_alias_by_version ON model_alias (version_key, alias)",
        ]
    )
}
