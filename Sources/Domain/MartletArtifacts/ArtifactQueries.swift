import MartletCore
import MartletSQL

/// Every statement that touches `artifact`.
///
/// What lies in a folder is a range of paths: `folder/` up to `folder0`, since `0` follows `/`.
enum ArtifactQueries {
    static func find(_ path: ArtifactPath, in space: ArtifactSpace) -> SQL {
        """
        SELECT artifact.path, artifact.updated_ms, blob.sha256, blob.size FROM artifact
        JOIN blob ON blob.sha256 = artifact.sha256
        WHERE space = \(space.rawValue) AND path = \(path.text)
        """
    }

    /// Everything below a folder, whatever the depth, in the order of the paths' bytes.
    static func tree(_ folder: ArtifactPath, in space: ArtifactSpace) -> SQL {
        """
        SELECT artifact.path, artifact.updated_ms, blob.sha256, blob.size FROM artifact
        JOIN blob ON blob.sha256 = artifact.sha256
        WHERE space = \(space.rawValue) AND \(self.isBelow(folder)) ORDER BY path
        """
    }

    static func decode(_ row: SQLRow) -> Artifact {
        Artifact(
            path: ArtifactPath(stored: row.text(0)),
            digest: BlobDigest(bytes: row.bytes(2)),
            size: row.integer(3),
            updatedAt: Timestamp(milliseconds: row.integer(1))
        )
    }

    static func folderExists(_ folder: ArtifactPath, in space: ArtifactSpace) -> SQL {
        "SELECT 1 FROM artifact WHERE space = \(space.rawValue) AND \(self.isBelow(folder)) LIMIT 1"
    }

    /// Finds a file, files where its folders would be, and one path below it: only the first may be there.
    static func inTheWay(of path: ArtifactPath, in space: ArtifactSpace) -> SQL {
        """
        SELECT path, sha256 FROM artifact
        WHERE space = \(space.rawValue) AND path IN \(anyOf: ([path] + path.folders).map(\.text))
        UNION ALL
        SELECT path, sha256 FROM (
            SELECT path, sha256 FROM artifact WHERE space = \(space.rawValue) AND \(self.isBelow(path)) LIMIT 1
        ) AS below
        """
    }

    static func upsert(_ path: ArtifactPath, in space: ArtifactSpace, _ digest: BlobDigest, at now: Timestamp) -> SQL {
        """
        INSERT INTO artifact (space, path, sha256, updated_ms)
        VALUES (\(space.rawValue), \(path.text), \(digest), \(now))
        ON CONFLICT (space, path) DO UPDATE SET sha256 = excluded.sha256, updated_ms = excluded.updated_ms
        """
    }

    /// Names files whose paths are relative to `folder` and lead nowhere that is taken.
    static func insert(
        _ files: [SealedTree.File],
        below folder: ArtifactPath,
        in space: ArtifactSpace,
        at now: Timestamp
    ) -> SQLBatch {
        var batch = SQLBatch(
            "INSERT INTO artifact (space, updated_ms, path, sha256) VALUES (?, ?, ?, ?)",
            constants: [.text(space.rawValue), now.sqlValue],
            columnCount: 2,
            rowCapacity: files.count
        )
        for file in files {
            batch.append(.text("\(folder.text)/\(file.path)"), file.digest.sqlValue)
        }
        return batch
    }

    /// Two statements that delete a file, and everything in a folder, and return the digests of what they deleted.
    ///
    /// In one statement, SQLite would read the whole space.
    static func delete(_ path: ArtifactPath, in space: ArtifactSpace) -> [SQL] {
        [
            "DELETE FROM artifact WHERE space = \(space.rawValue) AND path = \(path.text) RETURNING sha256",
            "DELETE FROM artifact WHERE space = \(space.rawValue) AND \(self.isBelow(path)) RETURNING sha256",
        ]
    }

    static func isBelow(_ folder: ArtifactPath) -> SQL {
        "path >= \(folder.text + "/") AND path < \(folder.text + "0")"
    }
}

extension ArtifactQueries {
    /// Finds one path for each child of a folder: the child itself, or the first path below it.
    ///
    /// It jumps from child to child, and never reads what lies deeper. After a folder comes what follows all of
    /// its paths; after a file, what follows its own, and no path contains anything less than a blank.
    ///
    /// - Parameter folder: `nil` for the whole space.
    static func children(of folder: ArtifactPath?, in space: ArtifactSpace) -> SQL {
        let prefix = folder.map { $0.text + "/" } ?? ""
        let length = prefix.unicodeScalars.count
        let end: SQL = if let folder { "AND path < \(folder.text + "0")" } else { "" }
        let slash: SQL = .dialect(
            sqlite: "instr(substr(child.path, \(length + 1)), '/')",
            postgres: "strpos(substr(child.path, \(length + 1)), '/')"
        )
        return """
            WITH RECURSIVE child (path) AS (
                SELECT min(path) FROM artifact WHERE space = \(space.rawValue) AND path >= \(prefix) \(end)
                UNION ALL
                SELECT (
                    SELECT min(path) FROM artifact WHERE space = \(space.rawValue) \(end) AND path >=
                        CASE \(slash) WHEN 0 THEN child.path || ' '
                        ELSE substr(child.path, 1, \(length) + \(slash) - 1) || '0' END
                )
                FROM child WHERE child.path IS NOT NULL
            )
            SELECT child.path, blob.size FROM child
            JOIN artifact ON artifact.space = \(space.rawValue) AND artifact.path = child.path
            JOIN blob ON blob.sha256 = artifact.sha256
            """
    }
}
