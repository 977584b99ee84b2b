import MartletBlobs
import MartletCore
import MartletSQL

/// Every statement that touches `blob`.
enum BlobQueries {
    /// Records a blob, or saves one that had been condemned, perhaps with the size of a file that had been damaged.
    static func upsert(_ blob: StoredBlob, at now: Timestamp) -> SQL {
        """
        INSERT INTO blob (sha256, size, created_ms) VALUES (\(blob.digest), \(blob.size), \(now))
        ON CONFLICT (sha256) DO UPDATE SET size = excluded.size, condemned_ms = NULL
        """
    }

    static func find(_ digest: BlobDigest) -> SQL {
        "SELECT sha256, size FROM blob WHERE sha256 = \(digest)"
    }

    /// Finds a blob that has a name, or lost its last one only lately.
    static func find(_ digest: BlobDigest, condemnedAfter oldest: Timestamp) -> SQL {
        """
        SELECT sha256, size FROM blob
        WHERE sha256 = \(digest) AND (condemned_ms IS NULL OR condemned_ms > \(oldest))
        """
    }

    /// Records a blob that has no name yet, so that it is as good as one that has just lost its last one.
    static func insertUnnamed(_ blob: StoredBlob, at now: Timestamp) -> SQL {
        """
        INSERT INTO blob (sha256, size, created_ms, condemned_ms)
        VALUES (\(blob.digest), \(blob.size), \(now), \(now))
        ON CONFLICT (sha256) DO UPDATE SET size = excluded.size,
            condemned_ms = CASE WHEN blob.condemned_ms IS NULL THEN NULL ELSE excluded.condemned_ms END
        """
    }

    /// Keeps others from changing a blob, or naming it, until the end of the transaction. SQLite has one writer.
    static func lock(_ digest: BlobDigest) -> SQL {
        .dialect(
            sqlite: "SELECT 1 FROM blob WHERE sha256 = \(digest)",
            postgres: "SELECT 1 FROM blob WHERE sha256 = \(digest) FOR UPDATE"
        )
    }

    /// Marks a blob if nobody needs it any more.
    static func condemn(_ digest: BlobDigest, at now: Timestamp) -> SQL {
        "UPDATE blob SET condemned_ms = \(now) WHERE sha256 = \(digest) AND NOT \(BlobHolders.isHeld)"
    }

    /// Saves the condemned blobs among those that a folder's files name.
    static func save(below folder: ArtifactPath, in space: ArtifactSpace) -> SQL {
        """
        UPDATE blob SET condemned_ms = NULL WHERE condemned_ms IS NOT NULL AND sha256 IN (
            SELECT artifact.sha256 FROM artifact
            WHERE space = \(space.rawValue) AND \(ArtifactQueries.isBelow(folder))
        )
        """
    }

    static func page(after digest: BlobDigest?, limit: Int) -> SQL {
        let filter: SQL = if let digest { "WHERE sha256 > \(digest)" } else { "" }
        return "SELECT sha256, size FROM blob \(filter) ORDER BY sha256 LIMIT \(limit)"
    }

    static func isCondemned(_ digest: BlobDigest) -> SQL {
        "SELECT 1 FROM blob WHERE sha256 = \(digest) AND condemned_ms IS NOT NULL AND NOT \(BlobHolders.isHeld)"
    }

    static func digests(from first: BlobDigest, through last: BlobDigest) -> SQL {
        "SELECT sha256 FROM blob WHERE sha256 >= \(first) AND sha256 <= \(last)"
    }

    static func decode(_ row: SQLRow) -> StoredBlob {
        StoredBlob(digest: BlobDigest(bytes: row.bytes(0)), size: row.integer(1))
    }
}

/// What the collector asks.
extension BlobQueries {
    static func condemned(until latest: Timestamp, after position: CondemnedBlob?, limit: Int) -> SQL {
        let rest: SQL =
            if let position {
                "AND (condemned_ms, sha256) > (\(position.at), \(position.digest))"
            } else {
                ""
            }
        return """
            SELECT condemned_ms, sha256 FROM blob WHERE condemned_ms <= \(latest) \(rest)
            ORDER BY condemned_ms, sha256 LIMIT \(limit)
            """
    }

    static func delete(_ digest: BlobDigest, condemnedUntil latest: Timestamp) -> SQL {
        "DELETE FROM blob WHERE sha256 = \(digest) AND condemned_ms <= \(latest) AND NOT \(BlobHolders.isHeld)"
    }

    /// Records a file that nobody names.
    static func insertCondemned(_ blob: StoredBlob, at now: Timestamp) -> SQL {
        """
        INSERT INTO blob (sha256, size, created_ms, condemned_ms)
        VALUES (\(blob.digest), \(blob.size), \(now), \(now)) ON CONFLICT (sha256) DO NOTHING
        """
    }
}
