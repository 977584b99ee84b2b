import MartletCore
import MartletSQL

/// Every statement that touches `metric`, `metric_point` and `param`.
enum MetricQueries {
    /// The same point logged twice is one point. The run's key is left to be filled in.
    static func insertPoints(_ metrics: [LoggedMetric]) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO metric_point (run_key, key, logged_ms, step, value, is_nan) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO NOTHING
            """,
            columnCount: 5,
            rowCapacity: metrics.count
        )
        for logged in metrics {
            let point = logged.metric.point
            batch.append(
                .text(logged.metric.key),
                .integer(point.loggedAt.milliseconds),
                .integer(point.step),
                .real(point.comparable),
                .integer(point.value.isNaN ? 1 : 0)
            )
        }
        return batch
    }

    /// Keeps the latest point of each key, as ``MetricPoint/isLater(than:)`` decides. The keys of the run and of its
    /// experiment are left to be filled in.
    static func upsertLatest(_ metrics: some Collection<Metric>) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO metric (run_key, experiment_id, key, value, is_nan, step, logged_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_key, key) DO UPDATE SET
                value = excluded.value, is_nan = excluded.is_nan,
                step = excluded.step, logged_ms = excluded.logged_ms
            WHERE (excluded.step, excluded.logged_ms, excluded.value) > (metric.step, metric.logged_ms, metric.value)
            """,
            columnCount: 5,
            rowCapacity: metrics.count
        )
        for metric in metrics {
            let point = metric.point
            batch.append(
                .text(metric.key),
                .real(point.comparable),
                .integer(point.value.isNaN ? 1 : 0),
                .integer(point.step),
                .integer(point.loggedAt.milliseconds)
            )
        }
        return batch
    }

    /// Keeps, of those metrics that say what they were measured on, the latest point for each dataset. The run's key is
    /// left to be filled in.
    static func upsertMeasured(_ metrics: [LoggedMetric]) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO metric_dataset (run_key, key, dataset_name, dataset_digest, value, step, logged_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (run_key, key, dataset_name, dataset_digest) DO UPDATE SET
                value = excluded.value, step = excluded.step, logged_ms = excluded.logged_ms
            WHERE (excluded.step, excluded.logged_ms, excluded.value)
                > (metric_dataset.step, metric_dataset.logged_ms, metric_dataset.value)
            """,
            columnCount: 6
        )
        for logged in metrics where logged.datasetDigest?.isEmpty == false && !logged.metric.point.value.isNaN {
            let point = logged.metric.point
            batch.append(
                .text(logged.metric.key),
                .text(logged.datasetName ?? ""),
                .text(logged.datasetDigest ?? ""),
                .real(point.value),
                .integer(point.step),
                .integer(point.loggedAt.milliseconds)
            )
        }
        return batch
    }

    /// The latest points of a run.
    static func latest(of run: RunID, named names: Set<String>?) -> SQL {
        """
        SELECT m.key, m.value, m.is_nan, m.step, m.logged_ms FROM metric m
        JOIN run r ON r.run_key = m.run_key WHERE r.run_id = \(run)\(self.isAny(of: names, "m.key")) ORDER BY m.key
        """
    }

    static func measured(by run: RunID, named names: Set<String>?) -> SQL {
        """
        SELECT d.key, d.dataset_name, d.dataset_digest, d.value, d.step FROM metric_dataset d
        JOIN run r ON r.run_key = d.run_key WHERE r.run_id = \(run)\(self.isAny(of: names, "d.key"))
        ORDER BY d.key, d.dataset_name, d.dataset_digest
        """
    }

    /// A further condition on a metric's name; nothing where every name will do.
    static func isAny(of names: Set<String>?, _ column: SQL) -> SQL {
        guard let names else { return "" }
        return " AND \(column) IN \(anyOf: names.sorted())"
    }

    static func params(_ keys: [String], of run: RunHandle) -> SQL {
        "SELECT key, value FROM param WHERE run_key = \(run.key) AND key IN \(anyOf: keys)"
    }

    static func insertParams(_ params: [Param], of run: RunHandle) -> SQLBatch {
        var batch = SQLBatch(
            "INSERT INTO param (run_key, key, value) VALUES (?, ?, ?)",
            columnCount: 3,
            rowCapacity: params.count
        )
        for param in params {
            batch.append(.integer(run.key), .text(param.key), .text(param.value))
        }
        return batch
    }
}
