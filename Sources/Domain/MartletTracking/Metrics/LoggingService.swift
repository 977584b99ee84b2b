package import MartletCore
package import MartletSQL

/// What a run logs: metrics, params and tags, in one transaction.
package struct LoggingService: Sendable {
    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Logs all of a batch or, when any part of it is refused, nothing.
    ///
    /// - Throws: `notFound` for an unknown run or model; `invalidArgument` for a deleted run and for a param
    ///   that has another value already.
    package func log(
        metrics: [LoggedMetric] = [],
        params: [Param] = [],
        tags: [Tag] = [],
        to id: RunID
    ) async throws(MartletError) {
        // All that can be done before it is this write's turn.
        let metrics = PreparedMetrics(metrics)
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let run = try RunHandle.findActive(id, on: db)
            if !params.isEmpty { try Self.log(params, of: run, on: db) }
            try metrics.log(to: run, on: db)
            if !tags.isEmpty { try RunService.setTags(tags, on: run, db) }
        }
    }

    private static func log(_ params: [Param], of run: RunHandle, on db: any Connection) throws(MartletError) {
        var new: [Param] = []
        var conflicts: [(param: Param, present: String)] = []
        var present: [ExactText: String] = [:]
        for row in try db.query(MetricQueries.params(params.map(\.key), of: run)) {
            present[ExactText(row.text(0))] = row.text(1)
        }
        for param in params {
            guard let value = present[ExactText(param.key)] else {
                new.append(param)
                continue
            }
            if ExactText(value) != ExactText(param.value) { conflicts.append((param, value)) }
        }
        guard conflicts.isEmpty else { throw .paramsCannotChange(conflicts, of: run.id, isBatch: params.count > 1) }
        try db.executeLater(MetricQueries.insertParams(new, of: run))
    }
}

extension MartletError {
    /// The refusal of new values for params, in MLflow's words, which differ for one and for many.
    fileprivate static func paramsCannotChange(
        _ conflicts: [(param: Param, present: String)],
        of run: RunID,
        isBatch: Bool
    ) -> MartletError {
        if !isBatch, let (param, present) = conflicts.first {
            return .invalid(
                "Changing param values is not allowed. Param with key='\(param.key)' was already logged with "
                    + "value='\(present)' for run ID='\(run)'. Attempted logging new value '\(param.value)'."
            )
        }
        let list = conflicts.map { param, present in
            "{'key': '\(param.key)', 'old_value': '\(present)', 'new_value': '\(param.value)'}"
        }
        return .invalid(
            "Changing param values is not allowed. Params were already logged='[\(list.joined(separator: ", "))]' "
                + "for run ID='\(run)'."
        )
    }
}

/// What a run has logged, in the transactions of other domains.
extension LoggingService {
    /// Returns the latest point of each metric of a run; none for an unknown one.
    ///
    /// - Parameter names: Of the only metrics that are wanted; `nil` for all.
    package static func latestMetrics(
        of run: RunID,
        named names: Set<String>? = nil,
        on db: any Connection
    ) throws(MartletError) -> [Metric] {
        try db.query(MetricQueries.latest(of: run, named: names)).map { row in
            let point = MetricPoint(
                value: row.bool(2) ? .nan : row.real(1),
                step: row.integer(3),
                loggedAt: Timestamp(milliseconds: row.integer(4))
            )
            return Metric(key: row.text(0), point: point)
        }
    }

    /// Returns the metrics of a run that say what they were measured on.
    ///
    /// - Parameter names: Of the only metrics that are wanted; `nil` for all.
    package static func measuredMetrics(
        of run: RunID,
        named names: Set<String>? = nil,
        on db: any Connection
    ) throws(MartletError) -> [MeasuredPoint] {
        try db.query(MetricQueries.measured(by: run, named: names)).map { row in
            MeasuredPoint(
                key: row.text(0),
                datasetName: row.text(1),
                datasetDigest: row.text(2),
                value: row.real(3),
                step: row.integer(4)
            )
        }
    }
}
