import MartletSQL

extension RegistryMigrations {
    /// Which models were there before the ledger, or have versions that were; see ``PastRecording``.
    static let listUnrecordedModels = Migration(
        "registry/0003-list-unrecorded-models",
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
        ]
    )
}
