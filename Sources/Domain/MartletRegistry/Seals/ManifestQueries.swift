import MartletCore
import MartletSQL

/// Every statement that touches `version_manifest`, `version_metric` and `version_dataset`.
enum ManifestQueries {
    static func insert(_ manifest: [UInt8], of versionKey: Int64) -> SQL {
        """
        INSERT INTO version_manifest (version_key, body)
        VALUES (\(versionKey), \(String(decoding: manifest, as: UTF8.self)))
        ON CONFLICT (version_key) DO UPDATE SET body = excluded.body
        """
    }

    static func body(of versionKey: Int64) -> SQL {
        "SELECT body FROM version_manifest WHERE version_key = \(versionKey)"
    }

    /// A metric that is no number cannot be compared, and is left out.
    static func insert(_ metrics: [Manifest.Metric], of versionKey: Int64, modelKey: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO version_metric (version_key, model_key, name, dataset_name, dataset_digest, value)
            VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            constants: [.integer(versionKey), .integer(modelKey)],
            columnCount: 4,
            rowCapacity: metrics.count
        )
        for metric in metrics where !metric.value.isNaN {
            batch.append(
                .text(metric.name),
                .text(metric.datasetName),
                .text(metric.datasetDigest),
                .real(metric.value)
            )
        }
        return batch
    }

    static func insert(_ datasets: [Manifest.Dataset], of versionKey: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO version_dataset (version_key, name, digest, context) VALUES (?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            constants: [.integer(versionKey)],
            columnCount: 3,
            rowCapacity: datasets.count
        )
        for dataset in datasets {
            batch.append(.text(dataset.name), .text(dataset.digest), .text(dataset.context))
        }
        return batch
    }

    /// Statements that remove what a manifest says, and the manifest.
    static func delete(of versionKey: Int64) -> [SQL] {
        [
            "DELETE FROM version_manifest WHERE version_key = \(versionKey)",
            "DELETE FROM version_metric WHERE version_key = \(versionKey)",
            "DELETE FROM version_dataset WHERE version_key = \(versionKey)",
        ]
    }
}

extension Manifest {
    /// Reads the manifest of a version; `nil` when it has none.
    static func find(of versionKey: Int64, on db: any Connection) throws(MartletError) -> Manifest? {
        guard let row = try db.queryOne(ManifestQueries.body(of: versionKey)) else { return nil }
        return try Manifest(bytes: Array(row.text(0).utf8))
    }
}
