import MartletCore
import MartletSQL
import MartletSearch

/// Every statement that touches `logged_model` and the tables of what was logged of a model.
enum LoggedModelQueries {
    /// The columns that ``decode(_:)`` reads, first of all the row's key.
    private static let columns: SQL = """
        lm.model_key, lm.model_id, lm.experiment_id, lm.name, lm.source_run_id, lm.status, lm.model_type, \
        lm.artifact_uri, lm.created_ms, lm.updated_ms, lm.deleted_ms
        """

    /// Returns the new row's key.
    static func insert(_ model: NewLoggedModel, id: LoggedModelID, artifactURI: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO logged_model (
            model_id, experiment_id, name, source_run_id, status, model_type, artifact_uri, created_ms, updated_ms
        ) VALUES (
            \(id), \(model.experimentID), \(model.name), \(model.sourceRunID),
            \(LoggedModel.Status.pending.rawValue), \(model.modelType), \(artifactURI), \(now), \(now)
        ) RETURNING model_key
        """
    }

    static func find(_ id: LoggedModelID) -> SQL {
        "SELECT \(self.columns) FROM logged_model lm WHERE lm.model_id = \(id)"
    }

    /// What every write to a model must know first.
    static func findKey(_ id: LoggedModelID) -> SQL {
        "SELECT model_key FROM logged_model WHERE model_id = \(id)"
    }

    static func setStatus(_ status: LoggedModel.Status, of key: Int64, at now: Timestamp) -> SQL {
        "UPDATE logged_model SET status = \(status.rawValue), updated_ms = \(now) WHERE model_key = \(key)"
    }

    /// Hides a model that is not already hidden.
    static func setDeleted(_ key: Int64, at now: Timestamp) -> SQL {
        """
        UPDATE logged_model SET deleted_ms = \(now), updated_ms = \(now)
        WHERE model_key = \(key) AND deleted_ms IS NULL
        """
    }

    static func search(_ query: LoggedModelQuery) throws(MartletError) -> SQL {
        let keyset = query.keyset
        let conditions = query.demands + (try keyset.conditions(after: query.position))
        return """
            SELECT \(self.columns)\(keyset.columns) FROM logged_model lm
            WHERE \(conditions.joined(by: " AND "))
            ORDER BY \(keyset.order) LIMIT \(query.limit + 1)
            """
    }

    static func decode(_ row: SQLRow) -> (key: Int64, info: LoggedModel.Info) {
        guard let status = LoggedModel.Status(rawValue: row.text(5)) else {
            preconditionFailure("the schema admits a model status that the code does not know")
        }
        let info = LoggedModel.Info(
            id: LoggedModelID(trusted: row.text(1)),
            experimentID: ExperimentID(row.integer(2)),
            name: row.text(3),
            sourceRunID: row.optionalText(4).map(RunID.init(trusted:)),
            status: status,
            modelType: row.text(6),
            artifactURI: row.text(7),
            createdAt: Timestamp(milliseconds: row.integer(8)),
            updatedAt: Timestamp(milliseconds: row.integer(9)),
            isDeleted: !row.isNull(10)
        )
        return (row.integer(0), info)
    }
}

extension LoggedModelQueries {
    static func params(of models: [Int64]) -> SQL {
        """
        SELECT model_key, key, value FROM logged_model_param
        WHERE model_key \(isAnyOf: models) ORDER BY model_key, key
        """
    }

    static func insertParams(_ params: [Param], of model: Int64) -> SQLBatch {
        var batch = SQLBatch(
            "INSERT INTO logged_model_param (model_key, key, value) VALUES (?, ?, ?)",
            columnCount: 3,
            rowCapacity: params.count
        )
        for param in params {
            batch.append(.integer(model), .text(param.key), .text(param.value))
        }
        return batch
    }

    static func tags(of models: [Int64]) -> SQL {
        """
        SELECT model_key, key, value FROM logged_model_tag
        WHERE model_key \(isAnyOf: models) ORDER BY model_key, key
        """
    }

    static func tag(_ key: String, of model: Int64) -> SQL {
        "SELECT value FROM logged_model_tag WHERE model_key = \(model) AND key = \(key)"
    }

    /// The last of a repeated key wins.
    static func setTags(_ tags: [Tag], on model: Int64) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO logged_model_tag (model_key, key, value) VALUES (?, ?, ?)
            ON CONFLICT (model_key, key) DO UPDATE SET value = excluded.value
            """,
            columnCount: 3,
            rowCapacity: tags.count
        )
        for tag in tags {
            batch.append(.integer(model), .text(tag.key), .text(tag.value))
        }
        return batch
    }

    static func deleteTag(_ key: String, of model: Int64) -> SQL {
        "DELETE FROM logged_model_tag WHERE model_key = \(model) AND key = \(key)"
    }
}

extension LoggedModelQueries {
    /// - Parameter names: Of the only metrics that are wanted; `nil` for all.
    static func metrics(of models: [Int64], named names: Set<String>? = nil) -> SQL {
        """
        SELECT m.model_key, m.key, m.value, m.is_nan, m.step, m.logged_ms, r.run_id, m.dataset_name, m.dataset_digest
        FROM logged_model_metric m JOIN run r ON r.run_key = m.run_key
        WHERE m.model_key \(isAnyOf: models)\(MetricQueries.isAny(of: names, "m.key"))
        ORDER BY m.model_key, m.key, m.logged_ms, m.step, m.run_key, m.dataset_name, m.dataset_digest, m.value, m.is_nan
        """
    }

    static func decodeMetric(_ row: SQLRow) -> LoggedModelMetric {
        let point = MetricPoint(
            value: row.bool(3) ? .nan : row.real(2),
            step: row.integer(4),
            loggedAt: Timestamp(milliseconds: row.integer(5))
        )
        let name = row.text(7)
        let digest = row.text(8)
        return LoggedModelMetric(
            metric: Metric(key: row.text(1), point: point),
            runID: RunID(trusted: row.text(6)),
            datasetName: name.isEmpty ? nil : name,
            datasetDigest: digest.isEmpty ? nil : digest
        )
    }

    /// The same point logged twice is one point.
    ///
    /// - Parameter models: The keys of the models that `metrics` name; a metric of another is left out.
    static func insertMetrics(
        _ metrics: [LoggedMetric],
        of run: RunHandle,
        models: [LoggedModelID: Int64]
    ) -> SQLBatch {
        var batch = SQLBatch(
            """
            INSERT INTO logged_model_metric (
                model_key, key, logged_ms, step, run_key, dataset_name, dataset_digest, value, is_nan
            ) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """,
            columnCount: 9,
            rowCapacity: metrics.count
        )
        for logged in metrics {
            guard let id = logged.modelID, let model = models[id] else { continue }
            let point = logged.metric.point
            batch.append(
                .integer(model),
                .text(logged.metric.key),
                .integer(point.loggedAt.milliseconds),
                .integer(point.step),
                .integer(run.key),
                .text(logged.datasetName ?? ""),
                .text(logged.datasetDigest ?? ""),
                .real(point.comparable),
                .integer(point.value.isNaN ? 1 : 0)
            )
        }
        return batch
    }
}
