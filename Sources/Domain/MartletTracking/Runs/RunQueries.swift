import MartletCore
import MartletSQL

/// Every statement that touches `run` and `run_tag` for one run.
enum RunQueries {
    /// The columns that ``decode(_:)`` reads, first of all the row's key.
    static let columns: SQL = """
        r.run_key, r.run_id, r.experiment_id, r.name, r.user_name, r.status, r.artifact_uri, \
        r.started_ms, r.ended_ms, r.deleted_ms
        """

    /// Inserts nothing unless the experiment is there and active: asking for it first would be another statement.
    static func insert(_ run: NewRun, id: RunID) -> SQL {
        """
        INSERT INTO run (run_id, experiment_id, name, user_name, status, artifact_uri, started_ms)
        SELECT
            \(id), experiment_id, \(run.name), \(run.userName), \(Run.Status.running.rawValue),
            artifact_location || \("/\(id)/artifacts"), \(run.startedAt)
        FROM experiment WHERE experiment_id = \(run.experimentID) AND deleted_ms IS NULL
        RETURNING run_key, artifact_uri
        """
    }

    static func find(_ id: RunID) -> SQL {
        "SELECT \(self.columns) FROM run r WHERE r.run_id = \(id)"
    }

    /// What every write to a run must know first; see ``RunHandle``.
    static func findHandle(_ id: RunID) -> SQL {
        "SELECT run_key, experiment_id, deleted_ms FROM run WHERE run_id = \(id)"
    }

    static func update(_ key: Int64, _ change: RunChange) -> SQL {
        """
        UPDATE run SET
            status = coalesce(\(change.status?.rawValue), status),
            ended_ms = coalesce(\(change.endedAt), ended_ms),
            name = coalesce(\(change.name), name)
        WHERE run_key = \(key)
        """
    }

    static func setDeleted(_ deletedAt: Timestamp?, _ key: Int64) -> SQL {
        "UPDATE run SET deleted_ms = \(deletedAt) WHERE run_key = \(key)"
    }

    static func setDeleted(_ isDeleted: Bool, allOf experiment: ExperimentID, at now: Timestamp) -> SQL {
        "UPDATE run SET deleted_ms = \(isDeleted ? now : nil) WHERE experiment_id = \(experiment)"
    }

    static func decode(_ row: SQLRow) -> (key: Int64, info: Run.Info) {
        guard let status = Run.Status(rawValue: row.text(5)) else {
            preconditionFailure("the schema admits a run status that the code does not know")
        }
        let info = Run.Info(
            id: RunID(trusted: row.text(1)),
            experimentID: ExperimentID(row.integer(2)),
            name: row.text(3),
            userName: row.text(4),
            status: status,
            startedAt: Timestamp(milliseconds: row.integer(7)),
            endedAt: row.optionalInteger(8).map(Timestamp.init(milliseconds:)),
            artifactURI: row.text(6),
            isDeleted: !row.isNull(9)
        )
        return (row.integer(0), info)
    }
}

extension RunQueries {
    static func setTags(_ tags: [Tag], on key: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO run_tag (run_key, key, value) VALUES (?, ?, ?)
            ON CONFLICT (run_key, key) DO UPDATE SET value = excluded.value
            """,
            columnCount: 3,
            rowCapacity: tags.count
        )
        for tag in tags {
            batch.append(.integer(key), .text(tag.key), .text(tag.value))
        }
        return batch
    }

    static func deleteTag(_ tag: String, of key: Int64) -> SQL {
        "DELETE FROM run_tag WHERE run_key = \(key) AND key = \(tag)"
    }

    static func tag(_ tag: String, of key: Int64) -> SQL {
        "SELECT value FROM run_tag WHERE run_key = \(key) AND key = \(tag)"
    }
}
