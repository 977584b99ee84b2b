import MartletBlobs
import MartletCore
import MartletSQL

/// Every statement that touches `blob`.
enum BlobQueries {
    /// Records a blob, or saves one that had been condemned.
    static func upsert(_ blob: StoredBlob, at now: Timestamp) -> SQL {
        """
        INSERT INTO blob (sha256, size, created_ms) VALUES (\(blob.digest), \(blob.size), \(now))
        ON CONFLICT (sha256) DO UPDATE SET condemned_ms = NULL
        """
    }

    /// Marks those of `digests` that no artifact names any more.
    static func condemn(_ digests: some Collection<BlobDigest>, at now: Timestamp) -> SQLBatch {
        var batch = SQLBatch(
            """
            UPDATE blob SET condemned_ms = ? WHERE sha256 = ?
            AND NOT EXISTS (SELECT 1 FROM artifact WHERE artifact.sha256 = blob.sha256)
            """,
            columnCount: 2,
            rowCapacity: digests.count
        )
        for digest in digests {
            batch.append(now.sqlValue, digest.sqlValue)
        }
        return batch
    }

    static func page(after digest: BlobDigest?, limit: Int) -> SQL {
        let filter: SQL = if let digest { "WHERE sha256 > \(digest)" } else { "" }
        return "SELECT sha256, size FROM blob \(filter) ORDER BY sha256 LIMIT \(limit)"
    }

    static func decode(_ row: SQLRow) -> StoredBlob {
        StoredBlob(digest: BlobDigest(bytes: row.bytes(0)), size: row.integer(1))
    }
}
