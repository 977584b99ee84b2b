import MartletBlobs
import MartletCore
import MartletSQL

/// Every statement that touches `blob_removal`.
enum BlobRemovalQueries {
    static func find(_ digest: BlobDigest) -> SQL {
        "SELECT number, removed_ms FROM blob_removal WHERE sha256 = \(digest)"
    }

    /// Marks a removal, or one that somebody has left undone, as being under way from now on.
    static func begin(_ digest: BlobDigest, at now: Timestamp) -> SQL {
        """
        INSERT INTO blob_removal (sha256, number, since_ms) VALUES (\(digest), 1, \(now))
        ON CONFLICT (sha256) DO UPDATE
        SET number = blob_removal.number + 1, since_ms = excluded.since_ms, removed_ms = NULL
        """
    }

    static func finish(_ digest: BlobDigest, at now: Timestamp) -> SQL {
        "UPDATE blob_removal SET removed_ms = \(now) WHERE sha256 = \(digest)"
    }

    static func underWay(since latest: Timestamp, limit: Int) -> SQL {
        """
        SELECT sha256 FROM blob_removal WHERE removed_ms IS NULL AND since_ms <= \(latest)
        ORDER BY sha256 LIMIT \(limit)
        """
    }

    static func forget(before oldest: Timestamp) -> SQL {
        "DELETE FROM blob_removal WHERE removed_ms < \(oldest)"
    }
}
