package import MartletSQL

/// The tables of artifacts and of the blobs that hold their bytes.
package enum ArtifactMigrations {
    package static let all = [
        createTables, indexCondemnedBlobs, keepCompletedUploads, markDirectUploads, markRemovals,
    ]

    private static let createTables = Migration(
        "artifacts/0001-create-tables",
        [
            // `md5` is filled in when somebody asks for it. `condemned_ms` is when the last name went: the bytes
            // stay until a collector takes them, and any new name saves them.
            """
            CREATE TABLE blob (
                sha256 \(.bytes) NOT NULL PRIMARY KEY,
                size \(.int64) NOT NULL CHECK (size >= 0),
                md5 \(.bytes),
                created_ms \(.int64) NOT NULL,
                condemned_ms \(.int64)
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE artifact (
                space \(.text) NOT NULL,
                path \(.text) NOT NULL,
                sha256 \(.bytes) NOT NULL REFERENCES blob,
                updated_ms \(.int64) NOT NULL,
                PRIMARY KEY (space, path)
            ) \(SQL.clusteredTable)
            """,
            "CREATE INDEX artifact_by_blob ON artifact (sha256)",
            """
            CREATE TABLE upload (
                upload_id \(.text) NOT NULL PRIMARY KEY,
                space \(.text) NOT NULL,
                path \(.text) NOT NULL,
                part_count \(.int64) NOT NULL,
                created_ms \(.int64) NOT NULL
            ) \(SQL.clusteredTable)
            """,
            """
            CREATE TABLE upload_part (
                upload_id \(.text) NOT NULL REFERENCES upload,
                number \(.int64) NOT NULL,
                staged_id \(.text) NOT NULL,
                sha256 \(.bytes) NOT NULL,
                size \(.int64) NOT NULL,
                PRIMARY KEY (upload_id, number)
            ) \(SQL.clusteredTable)
            """,
        ]
    )

    /// For the collector, which asks every hour.
    private static let indexCondemnedBlobs = Migration(
        "artifacts/0002-index-condemned-blobs",
        ["CREATE INDEX blob_condemned ON blob (condemned_ms, sha256) WHERE condemned_ms IS NOT NULL"]
    )

    /// So that a client that lost the answer can ask again.
    private static let keepCompletedUploads = Migration(
        "artifacts/0003-keep-completed-uploads",
        ["ALTER TABLE upload ADD COLUMN completed_ms \(.int64)"]
    )

    /// For uploads whose parts do not come through the server.
    private static let markDirectUploads = Migration(
        "artifacts/0004-mark-direct-uploads",
        ["ALTER TABLE upload ADD COLUMN is_direct \(.int64) NOT NULL DEFAULT 0"]
    )

    /// For servers that share a blob store. `number` counts; `removed_ms` is NULL while the bytes are being removed.
    private static let markRemovals = Migration(
        "artifacts/0005-mark-removals",
        [
            """
            CREATE TABLE blob_removal (
                sha256 \(.bytes) NOT NULL PRIMARY KEY,
                number \(.int64) NOT NULL,
                since_ms \(.int64) NOT NULL,
                removed_ms \(.int64)
            ) \(SQL.clusteredTable)
            """
        ]
    )
}
