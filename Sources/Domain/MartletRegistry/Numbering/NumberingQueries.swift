import MartletCore
import MartletSQL

/// Every statement about semantic versions that were given out.
enum NumberingQueries {
    /// The highest of a range among versions, and among numbers that are no version's any more.
    static func highest(_ range: VersionRange, of modelKey: Int64) -> [SQL] {
        let condition = self.condition(range)
        return ["model_version", "spent_semantic_version"].map { (table: SQL) in
            """
            SELECT major, minor, patch FROM \(table)
            WHERE model_key = \(modelKey) AND major IS NOT NULL AND \(condition)
            ORDER BY major DESC, minor DESC, patch DESC LIMIT 1
            """
        }
    }

    static func spend(_ version: SemanticVersion, of modelKey: Int64) -> SQL {
        """
        INSERT INTO spent_semantic_version (model_key, major, minor, patch)
        VALUES (\(modelKey), \(version.major), \(version.minor), \(version.patch)) ON CONFLICT DO NOTHING
        """
    }

    static func renumber(
        _ versionKey: Int64,
        _ version: SemanticVersion,
        because reason: String,
        at now: Timestamp
    ) -> SQL {
        """
        UPDATE model_version SET major = \(version.major), minor = \(version.minor), patch = \(version.patch),
            number_reasons = \(reason), updated_ms = \(now)
        WHERE version_key = \(versionKey)
        """
    }

    static func condition(_ range: VersionRange) -> SQL {
        switch range {
        case .exact(let only):
            "major = \(only.major) AND minor = \(only.minor) AND patch = \(only.patch)"
        case .between(let first, let end):
            """
            (major, minor, patch) >= (\(first.major), \(first.minor), \(first.patch))
            AND (major, minor, patch) < (\(end.major), \(end.minor), \(end.patch))
            """
        }
    }
}
