import MartletBlobs
import MartletCore
package import MartletSQL

/// Every statement that touches `upload` and `upload_part`.
enum MultipartUploadQueries {
    static func insert(_ upload: MultipartUpload, at now: Timestamp) -> SQL {
        """
        INSERT INTO upload (upload_id, space, path, part_count, created_ms, is_direct)
        VALUES (
            \(upload.id), \(upload.space.rawValue), \(upload.path.text), \(upload.partCount), \(now),
            \(upload.isDirect ? 1 : 0)
        )
        """
    }

    static func find(_ id: MultipartUploadID, at path: ArtifactPath, in space: ArtifactSpace) -> SQL {
        """
        SELECT part_count, completed_ms, is_direct FROM upload
        WHERE upload_id = \(id) AND space = \(space.rawValue) AND path = \(path.text)
        """
    }

    static func partCount(_ id: MultipartUploadID) -> SQL {
        "SELECT part_count, completed_ms, is_direct FROM upload WHERE upload_id = \(id)"
    }

    static func parts(of id: MultipartUploadID) -> SQL {
        "SELECT number, staged_id, sha256, size FROM upload_part WHERE upload_id = \(id) ORDER BY number"
    }

    static func stagedID(ofPart number: Int, of id: MultipartUploadID) -> SQL {
        "SELECT staged_id FROM upload_part WHERE upload_id = \(id) AND number = \(number)"
    }

    static func upsertPart(_ number: Int, _ part: StagedPart, of id: MultipartUploadID) -> SQL {
        """
        INSERT INTO upload_part (upload_id, number, staged_id, sha256, size)
        VALUES (\(id), \(number), \(part.id.rawValue), \(part.digest), \(part.size))
        ON CONFLICT (upload_id, number) DO UPDATE
        SET staged_id = excluded.staged_id, sha256 = excluded.sha256, size = excluded.size
        """
    }

    static func deleteParts(of id: MultipartUploadID) -> SQL {
        "DELETE FROM upload_part WHERE upload_id = \(id)"
    }

    static func delete(_ id: MultipartUploadID) -> SQL {
        "DELETE FROM upload WHERE upload_id = \(id)"
    }

    static func complete(_ id: MultipartUploadID, at now: Timestamp) -> SQL {
        "UPDATE upload SET completed_ms = \(now) WHERE upload_id = \(id)"
    }

    static func old(before moment: Timestamp, after id: String, limit: Int) -> SQL {
        """
        SELECT upload_id FROM upload WHERE coalesce(completed_ms, created_ms) < \(moment) AND upload_id > \(id)
        ORDER BY upload_id LIMIT \(limit)
        """
    }

    /// The parts whose files must be there: a completed upload needs none.
    static let allStagedIDs: SQL = """
        SELECT staged_id FROM upload_part JOIN upload ON upload.upload_id = upload_part.upload_id
        WHERE completed_ms IS NULL
        """

    static func stagedIDs(of id: MultipartUploadID) -> SQL {
        "\(self.allStagedIDs) AND upload.upload_id = \(id)"
    }
}

extension MultipartUploadID: SQLBindable {
    package var sqlValue: SQLValue { .text(self.rawValue) }
}
