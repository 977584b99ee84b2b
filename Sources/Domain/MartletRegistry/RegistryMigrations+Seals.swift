import MartletSQL

extension RegistryMigrations {
    /// What a version is made of, sealed; its semantic version; where it stands.
    ///
    /// Versions from before have no digest, no semantic version and no author.
    static let sealVersions = Migration(
        "registry/0002-seal-versions",
        [
            "ALTER TABLE model_version ADD COLUMN author \(.text) NOT NULL DEFAULT 'anonymous'",
            "ALTER TABLE model_version ADD COLUMN parent \(.int64)",
            // The key of the version that this is a copy of, whatever its model is called by now.
            "ALTER TABLE model_version ADD COLUMN copied_from \(.int64)",
            // `digest` is the manifest's. `tree` is that of the list of files, which lie in the space of sealed
            // artifacts below it; without one, `unsealed_reason` says why.
            "ALTER TABLE model_version ADD COLUMN digest \(.bytes)",
            "ALTER TABLE model_version ADD COLUMN tree \(.bytes)",
            "ALTER TABLE model_version ADD COLUMN unsealed_reason \(.text)",
            "ALTER TABLE model_version ADD COLUMN file_count \(.int64) NOT NULL DEFAULT 0",
            "ALTER TABLE model_version ADD COLUMN byte_count \(.int64) NOT NULL DEFAULT 0",
            // Names of what was captured, with blanks between them: all that gates need of a manifest.
            "ALTER TABLE model_version ADD COLUMN captured \(.text) NOT NULL DEFAULT ''",
            "ALTER TABLE model_version ADD COLUMN major \(.int64)",
            "ALTER TABLE model_version ADD COLUMN minor \(.int64)",
            "ALTER TABLE model_version ADD COLUMN patch \(.int64)",
            "ALTER TABLE model_version ADD COLUMN number_reasons \(.text) NOT NULL DEFAULT ''",
            // What the model's own stages call `stage`, which is one of the four that MLflow knows.
            "ALTER TABLE model_version ADD COLUMN stage_name \(.text) NOT NULL DEFAULT ''",
            "UPDATE model_version SET stage_name = stage",
            // The ledger's entry that last moved it; -1 for none.
            "ALTER TABLE model_version ADD COLUMN revision \(.int64) NOT NULL DEFAULT -1",
            "ALTER TABLE model_version ADD COLUMN hold_reason \(.text)",
            "ALTER TABLE model_version ADD COLUMN purged_ms \(.int64)",
            "CREATE UNIQUE INDEX model_version_by_digest ON model_version (digest) WHERE digest IS NOT NULL",
            """
            CREATE UNIQUE INDEX model_version_by_semantic_version
            ON model_version (model_key, major, minor, patch) WHERE major IS NOT NULL
            """,
            "CREATE INDEX model_version_by_stage_name ON model_version (model_key, stage_name, revision, number)",
            "CREATE INDEX model_version_copies ON model_version (copied_from) WHERE copied_from IS NOT NULL",
            "CREATE INDEX model_version_by_tree ON model_version (tree) WHERE tree IS NOT NULL",
            // Deleted models are found by their names too.
            """
            CREATE INDEX registered_model_deleted ON registered_model (name, deleted_ms) WHERE deleted_ms IS NOT NULL
            """,
            // Semantic versions that were somebody's and are no more: none is used twice.
            """
            CREATE TABLE spent_semantic_version (
                model_key \(.int64) NOT NULL REFERENCES registered_model,
                major \(.int64) NOT NULL,
                minor \(.int64) NOT NULL,
                patch \(.int64) NOT NULL,
                PRIMARY KEY (model_key, major, minor, patch)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE version_manifest (
                version_key \(.int64) NOT NULL PRIMARY KEY REFERENCES model_version,
                body \(.text) NOT NULL
            ) \(SQL.strictTable)
            """,
            // What the manifest says, where it is searched by. No dataset is ''.
            """
            CREATE TABLE version_metric (
                version_key \(.int64) NOT NULL REFERENCES model_version,
                name \(.text) NOT NULL,
                dataset_name \(.text) NOT NULL,
                dataset_digest \(.text) NOT NULL,
                model_key \(.int64) NOT NULL,
                value \(.double) NOT NULL,
                PRIMARY KEY (version_key, name, dataset_name, dataset_digest)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE INDEX version_metric_by_value
            ON version_metric (model_key, name, dataset_digest, dataset_name, value, version_key)
            """,
            """
            CREATE TABLE version_dataset (
                version_key \(.int64) NOT NULL REFERENCES model_version,
                name \(.text) NOT NULL,
                digest \(.text) NOT NULL,
                context \(.text) NOT NULL,
                PRIMARY KEY (version_key, name, digest, context)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX version_dataset_by_name ON version_dataset (name, digest, version_key)",
            "CREATE INDEX version_dataset_by_digest ON version_dataset (digest, version_key)",
            // The SHA-256 of each tensor of a safetensors file, in the order of the tensors' names; NULL until somebody
            // has read the file, and empty when it cannot be read. For comparisons, which then read no tensor.
            """
            CREATE TABLE tensor_index (
                sha256 \(.bytes) NOT NULL PRIMARY KEY,
                digests \(.bytes)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX tensor_index_pending ON tensor_index (sha256) WHERE digests IS NULL",
            """
            CREATE TABLE version_approval (
                version_key \(.int64) NOT NULL REFERENCES model_version,
                stage_name \(.text) NOT NULL,
                actor \(.text) NOT NULL,
                reason \(.text),
                approved_ms \(.int64) NOT NULL,
                PRIMARY KEY (version_key, stage_name, actor)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE version_note (
                version_key \(.int64) NOT NULL REFERENCES model_version,
                number \(.int64) NOT NULL,
                author \(.text) NOT NULL,
                text \(.text) NOT NULL,
                written_ms \(.int64) NOT NULL,
                PRIMARY KEY (version_key, number)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE model_policy (
                model_key \(.int64) NOT NULL PRIMARY KEY REFERENCES registered_model,
                body \(.text) NOT NULL
            ) \(SQL.strictTable)
            """,
        ]
    )
}
