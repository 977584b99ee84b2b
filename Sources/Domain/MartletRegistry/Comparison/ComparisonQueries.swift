import MartletCore
import MartletSQL

/// The statements that only comparing needs.
enum ComparisonQueries {
    /// Versions by a metric, dataset by dataset.
    static func ranked(
        _ modelKey: Int64,
        by metric: String,
        on dataset: String?,
        better: MetricDirection,
        limit: Int
    ) -> SQL {
        let onDataset: SQL =
            if let dataset { "AND (x.dataset_digest = \(dataset) OR x.dataset_name = \(dataset))" } else { "" }
        let order: SQL = better == .higher ? "DESC" : "ASC"
        return """
            SELECT x.dataset_name, x.dataset_digest, v.number, v.major, v.minor, v.patch, v.stage_name, x.value
            FROM version_metric x JOIN model_version v ON v.version_key = x.version_key
            WHERE x.model_key = \(modelKey) AND x.name = \(metric) AND v.deleted_ms IS NULL \(onDataset)
            ORDER BY x.dataset_name, x.dataset_digest, x.value \(order), v.number LIMIT \(limit)
            """
    }

    static func decode(_ row: SQLRow) -> Ranking.Entry {
        Ranking.Entry(
            number: VersionNumber(row.integer(2)),
            semanticVersion: row.isNull(3)
                ? nil : SemanticVersion(row.integer(3), row.integer(4), row.integer(5)),
            stage: StageName(trusted: row.text(6)),
            value: row.real(7)
        )
    }
}
