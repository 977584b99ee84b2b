import MartletCore
import MartletSQL

/// Tags and aliases.
extension ModelVersionQueries {
    static func tags(of versionKeys: [Int64]) -> SQL {
        """
        SELECT version_key, key, value FROM model_version_tag
        WHERE version_key \(isAnyOf: versionKeys) ORDER BY version_key, key
        """
    }

    static func setTags(_ tags: [Tag], on versionKey: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO model_version_tag (version_key, key, value) VALUES (?, ?, ?)
            ON CONFLICT (version_key, key) DO UPDATE SET value = excluded.value
            """,
            columnCount: 3,
            rowCapacity: tags.count
        )
        for tag in tags {
            batch.append(.integer(versionKey), .text(tag.key), .text(tag.value))
        }
        return batch
    }

    static func tag(_ key: String, of versionKey: Int64) -> SQL {
        "SELECT value FROM model_version_tag WHERE version_key = \(versionKey) AND key = \(key)"
    }

    static func deleteTag(_ key: String, of versionKey: Int64) -> SQL {
        "DELETE FROM model_version_tag WHERE version_key = \(versionKey) AND key = \(key)"
    }

    static func aliases(of versionKeys: [Int64]) -> SQL {
        """
        SELECT version_key, alias FROM model_alias
        WHERE version_key \(isAnyOf: versionKeys) ORDER BY version_key, alias
        """
    }
}
