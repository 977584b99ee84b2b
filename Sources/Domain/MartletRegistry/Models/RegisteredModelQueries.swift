import MartletCore
import MartletSQL
import MartletSearch

/// Every statement that touches `registered_model`, `registered_model_tag` and `model_alias`.
enum RegisteredModelQueries {
    private static let columns: SQL = "m.model_key, m.name, m.description, m.created_ms, m.updated_ms"

    /// Returns the new key, or no row when the name is taken.
    static func insert(named name: ModelName, description: String?, at now: Timestamp) -> SQL {
        """
        INSERT INTO registered_model (name, description, version_count, created_ms, updated_ms)
        VALUES (\(name), \(description), 0, \(now), \(now))
        ON CONFLICT DO NOTHING RETURNING model_key
        """
    }

    static func find(_ name: ModelName) -> SQL {
        "SELECT \(self.columns) FROM registered_model m WHERE m.name = \(name) AND m.deleted_ms IS NULL"
    }

    /// Finds the model of a name that was deleted last.
    static func findDeleted(_ name: ModelName) -> SQL {
        """
        SELECT \(self.columns) FROM registered_model m WHERE m.name = \(name) AND m.deleted_ms IS NOT NULL
        ORDER BY m.deleted_ms DESC LIMIT 1
        """
    }

    /// Finds the model that was the last to be given a name before a moment; deleted and renamed ones count.
    static func find(_ name: ModelName, at moment: Timestamp) -> SQL {
        """
        SELECT model_key FROM model_name WHERE name = \(name) AND since_ms <= \(moment)
        ORDER BY since_ms DESC, model_key DESC LIMIT 1
        """
    }

    /// Notes that a model was given a name. Back to the one that it had at the same moment is fine.
    static func noteName(_ name: ModelName, of modelKey: Int64, at now: Timestamp) -> SQL {
        """
        INSERT INTO model_name (name, since_ms, model_key) VALUES (\(name), \(now), \(modelKey))
        ON CONFLICT DO NOTHING
        """
    }

    static func restore(_ modelKey: Int64, at now: Timestamp) -> SQL {
        "UPDATE registered_model SET deleted_ms = NULL, updated_ms = \(now) WHERE model_key = \(modelKey)"
    }

    /// Gives out the next version's number; returns the model's key and that number.
    static func takeNumber(_ name: ModelName, at now: Timestamp) -> SQL {
        """
        UPDATE registered_model SET version_count = version_count + 1, updated_ms = \(now)
        WHERE name = \(name) AND deleted_ms IS NULL RETURNING model_key, version_count
        """
    }

    static func describe(_ name: ModelName, as description: String?, at now: Timestamp) -> SQL {
        """
        UPDATE registered_model SET description = \(description), updated_ms = \(now)
        WHERE name = \(name) AND deleted_ms IS NULL
        """
    }

    static func rename(_ name: ModelName, to newName: ModelName, at now: Timestamp) -> SQL {
        """
        UPDATE registered_model SET name = \(newName), updated_ms = \(now)
        WHERE name = \(name) AND deleted_ms IS NULL
        """
    }

    static func delete(_ name: ModelName, at now: Timestamp) -> SQL {
        "UPDATE registered_model SET deleted_ms = \(now) WHERE name = \(name) AND deleted_ms IS NULL"
    }

    /// Notes that one of the model's versions was changed.
    static func touch(_ modelKey: Int64, at now: Timestamp) -> SQL {
        "UPDATE registered_model SET updated_ms = \(now) WHERE model_key = \(modelKey)"
    }

    static func search(_ query: RegisteredModelQuery) throws(MartletError) -> SQL {
        let conditions =
            ["m.deleted_ms IS NULL"]
            + query.conditions.map { $0.sql }
            + (query.hidesPrompts ? [RegisteredModelQuery.isNoPrompt] : [])
            + (try query.keyset.conditions(after: query.position))
        return """
            SELECT \(self.columns)\(query.keyset.columns) FROM registered_model m
            WHERE \(conditions.joined(by: " AND "))
            ORDER BY \(query.keyset.order) LIMIT \(query.limit + 1)
            """
    }

    /// Reads a model without its versions, tags and aliases.
    static func decode(_ row: SQLRow) -> (key: Int64, model: RegisteredModel) {
        let model = RegisteredModel(
            name: ModelName(trusted: row.text(1)),
            description: row.optionalText(2),
            createdAt: Timestamp(milliseconds: row.integer(3)),
            updatedAt: Timestamp(milliseconds: row.integer(4)),
            latestVersions: [],
            tags: [],
            aliases: []
        )
        return (row.integer(0), model)
    }
}

extension RegisteredModelQueries {
    /// What the tag says that makes a model a prompt.
    static func promptTag(of modelKey: Int64) -> SQL {
        "SELECT value FROM registered_model_tag WHERE model_key = \(modelKey) AND key = \(RegisteredModel.promptTag)"
    }

    static func tags(of modelKeys: [Int64]) -> SQL {
        """
        SELECT model_key, key, value FROM registered_model_tag
        WHERE model_key \(isAnyOf: modelKeys) ORDER BY model_key, key
        """
    }

    static func setTags(_ tags: [Tag], on modelKey: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO registered_model_tag (model_key, key, value) VALUES (?, ?, ?)
            ON CONFLICT (model_key, key) DO UPDATE SET value = excluded.value
            """,
            columnCount: 3,
            rowCapacity: tags.count
        )
        for tag in tags {
            batch.append(.integer(modelKey), .text(tag.key), .text(tag.value))
        }
        return batch
    }

    static func deleteTag(_ key: String, of modelKey: Int64) -> SQL {
        "DELETE FROM registered_model_tag WHERE model_key = \(modelKey) AND key = \(key)"
    }
}

extension RegisteredModelQueries {
    /// The aliases of models, without those of hidden versions.
    static func aliases(of modelKeys: [Int64]) -> SQL {
        """
        SELECT a.model_key, a.alias, v.number FROM model_alias a
        JOIN model_version v ON v.version_key = a.version_key
        WHERE a.model_key \(isAnyOf: modelKeys) AND v.deleted_ms IS NULL ORDER BY a.model_key, a.alias
        """
    }

    static func setAlias(_ alias: AliasName, of modelKey: Int64, to versionKey: Int64) -> SQL {
        """
        INSERT INTO model_alias (model_key, alias, version_key) VALUES (\(modelKey), \(alias), \(versionKey))
        ON CONFLICT (model_key, alias) DO UPDATE SET version_key = excluded.version_key
        """
    }

    /// The number of the version that an alias points at, hidden or not.
    static func alias(_ alias: AliasName, of modelKey: Int64) -> SQL {
        """
        SELECT v.number FROM model_alias a JOIN model_version v ON v.version_key = a.version_key
        WHERE a.model_key = \(modelKey) AND a.alias = \(alias)
        """
    }

    static func deleteAlias(_ alias: AliasName, of modelKey: Int64) -> SQL {
        "DELETE FROM model_alias WHERE model_key = \(modelKey) AND alias = \(alias)"
    }
}
