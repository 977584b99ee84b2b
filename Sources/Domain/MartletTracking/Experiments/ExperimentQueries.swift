import MartletCore
import MartletSQL
import MartletSearch

/// Every statement that touches `experiment` and `experiment_tag`.
enum ExperimentQueries {
    private static let columns: SQL = "experiment_id, name, artifact_location, created_ms, updated_ms, deleted_ms"

    static func insertDefault(artifactLocation: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO experiment (experiment_id, name, artifact_location, created_ms, updated_ms)
        VALUES (\(ExperimentID.default), 'Default', \(artifactLocation), \(now), \(now))
        ON CONFLICT DO NOTHING
        """
    }

    static func insert(name: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO experiment (name, artifact_location, created_ms, updated_ms)
        VALUES (\(name), '', \(now), \(now)) RETURNING experiment_id
        """
    }

    static func setArtifactLocation(_ location: String, of id: ExperimentID) -> SQL {
        "UPDATE experiment SET artifact_location = \(location) WHERE experiment_id = \(id)"
    }

    static func find(_ id: ExperimentID) -> SQL {
        "SELECT \(self.columns) FROM experiment WHERE experiment_id = \(id)"
    }

    static func find(named name: String) -> SQL {
        "SELECT \(self.columns) FROM experiment WHERE name = \(name)"
    }

    static func rename(_ id: ExperimentID, to name: String, at now: Timestamp) -> SQL {
        "UPDATE experiment SET name = \(name), updated_ms = \(now) WHERE experiment_id = \(id)"
    }

    /// Hides or shows an experiment that is not already so; changes no row otherwise.
    static func setDeleted(_ isDeleted: Bool, _ id: ExperimentID, at now: Timestamp) -> SQL {
        let condition: SQL = isDeleted ? "deleted_ms IS NULL" : "deleted_ms IS NOT NULL"
        return """
            UPDATE experiment SET deleted_ms = \(isDeleted ? now : nil), updated_ms = \(now)
            WHERE experiment_id = \(id) AND \(condition)
            """
    }

    static func search(_ query: ExperimentQuery) throws(MartletError) -> SQL {
        let conditions =
            [query.visibility.condition(on: "deleted_ms")]
            + query.conditions.map { $0.sql }
            + (try query.keyset.conditions(after: query.position))
        return """
            SELECT \(self.columns)\(query.keyset.columns) FROM experiment
            WHERE \(conditions.joined(by: " AND "))
            ORDER BY \(query.keyset.order) LIMIT \(query.limit + 1)
            """
    }

    static func decode(_ row: SQLRow) -> Experiment {
        Experiment(
            id: ExperimentID(row.integer(0)),
            name: row.text(1),
            artifactLocation: row.text(2),
            createdAt: Timestamp(milliseconds: row.integer(3)),
            updatedAt: Timestamp(milliseconds: row.integer(4)),
            isDeleted: !row.isNull(5),
            tags: []
        )
    }
}

extension ExperimentQueries {
    static func tags(of ids: [ExperimentID]) -> SQL {
        """
        SELECT experiment_id, key, value FROM experiment_tag
        WHERE experiment_id \(isAnyOf: ids.map(\.rawValue)) ORDER BY experiment_id, key
        """
    }

    static func setTag(_ tag: Tag, on id: ExperimentID) -> SQL {
        """
        INSERT INTO experiment_tag (experiment_id, key, value) VALUES (\(id), \(tag.key), \(tag.value))
        ON CONFLICT (experiment_id, key) DO UPDATE SET value = excluded.value
        """
    }

    static func deleteTag(_ key: String, of id: ExperimentID) -> SQL {
        "DELETE FROM experiment_tag WHERE experiment_id = \(id) AND key = \(key)"
    }
}
