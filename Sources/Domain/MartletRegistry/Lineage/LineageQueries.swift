import MartletCore
import MartletSQL

/// The statements that only lineage needs.
enum LineageQueries {
    static func datasets(of versionKey: Int64) -> SQL {
        """
        SELECT name, digest, context FROM version_dataset
        WHERE version_key = \(versionKey) ORDER BY name, digest, context
        """
    }

    /// The versions that name a dataset, by its name or its digest.
    static func versions(madeOf dataset: String, limit: Int) -> SQL {
        """
        SELECT version_key, name, digest, context FROM version_dataset WHERE name = \(dataset)
        UNION
        SELECT version_key, name, digest, context FROM version_dataset WHERE digest = \(dataset)
        ORDER BY 1, 2, 3, 4 LIMIT \(limit)
        """
    }
}
