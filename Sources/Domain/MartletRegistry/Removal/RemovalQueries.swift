import MartletCore
import MartletSQL

/// The statements that only removing needs.
enum RemovalQueries {
    static func setHold(_ reason: String?, on versionKey: Int64) -> SQL {
        "UPDATE model_version SET hold_reason = \(reason) WHERE version_key = \(versionKey)"
    }

    /// The number of a version that may be deleted.
    static func number(of version: SemanticVersion, of modelKey: Int64) -> SQL {
        """
        SELECT number FROM model_version
        WHERE model_key = \(modelKey) AND \(NumberingQueries.condition(.exact(version)))
        """
    }

    /// What still counts on a version, in words.
    static func references(to found: FoundVersion) -> SQL {
        """
        SELECT 'the alias ''' || alias || '''' FROM model_alias WHERE version_key = \(found.key)
        UNION ALL
        SELECT 'a copy: version ' || v.number || ' of ''' || m.name || ''''
        FROM model_version v JOIN registered_model m ON m.model_key = v.model_key
        WHERE v.copied_from = \(found.key) AND v.purged_ms IS NULL
        LIMIT 1
        """
    }

    /// Statements that leave of a version what a tombstone says.
    static func strip(_ versionKey: Int64, at now: Timestamp) -> [SQL] {
        [
            "DELETE FROM model_version_tag WHERE version_key = \(versionKey)",
            "DELETE FROM version_note WHERE version_key = \(versionKey)",
            """
            UPDATE model_version SET purged_ms = \(now), deleted_ms = coalesce(deleted_ms, \(now)), tree = NULL,
                unsealed_reason = 'purged', description = NULL, run_link = '', captured = '', updated_ms = \(now)
            WHERE version_key = \(versionKey)
            """,
        ]
    }

    /// Whether some version still has a tree.
    static func holder(of tree: BlobDigest) -> SQL {
        "SELECT 1 FROM model_version WHERE tree = \(tree) LIMIT 1"
    }
}
