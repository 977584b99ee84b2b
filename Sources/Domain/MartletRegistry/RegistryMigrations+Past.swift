import MartletSQL

extension RegistryMigrations {
    /// Which models were there before the ledger, or have versions that were (see ``PastRecording``); and which model
    /// was called what.
    static let rememberThePast = Migration(
        "registry/0003-remember-the-past",
        [
            """
            CREATE TABLE unrecorded_model (
                model_key \(.int64) NOT NULL PRIMARY KEY REFERENCES registered_model
            ) \(SQL.clusteredTable)
            """,
            """
            INSERT INTO unrecorded_model (model_key)
            SELECT m.model_key FROM registered_model m
            WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.model_key = m.model_key)
               OR EXISTS (SELECT 1 FROM model_version v WHERE v.model_key = m.model_key AND v.revision < 0)
            """,
            // Which model was given a name, and when; by it the past of a name is found, whoever has it now.
            """
            CREATE TABLE model_name (
                name \(.text) NOT NULL,
                since_ms \(.int64) NOT NULL,
                model_key \(.int64) NOT NULL REFERENCES registered_model,
                PRIMARY KEY (name, since_ms, model_key)
            ) \(SQL.clusteredTable)
            """,
            """
            INSERT INTO model_name (name, since_ms, model_key)
            SELECT name, created_ms, model_key FROM registered_model
            """,
        ]
    )
}
