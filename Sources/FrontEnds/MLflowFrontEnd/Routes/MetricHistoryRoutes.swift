import HTTPTypes
import MartletCore
import MartletJSON
import MartletSearch
import MartletTracking

/// `metrics/*`: everything that was logged of a metric.
struct MetricHistoryRoutes {
    let histories: MetricHistoryService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.get, "metrics/get-history", needs: .readTracking, use: self.history)
            .on(.get, "metrics/get-history-bulk", needs: .readTracking, use: self.bulkHistory)
            .on(.get, "metrics/get-history-bulk-interval", needs: .readTracking, use: self.intervalHistory)
    }

    @Sendable private func history(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try fields.runID()
        let key = try fields.requiredString("metric_key")
        let limit = try fields.integer("max_results")
        if let limit, limit <= 0 {
            throw .invalid(
                "Invalid value \(limit) for parameter 'max_results' supplied. It must be a positive integer."
            )
        }
        let question = Fingerprint(of: ["history", id.rawValue, key])
        let page = try await self.histories.history(
            of: key,
            in: id,
            limit: limit.map { Int(clamping: min($0, Int64(Int32.max))) },
            after: try fields.position(in: question)
        )
        var json = JSONWriter(capacity: 128 + page.items.count * (key.utf8.count + 80))
        json.beginObject()
        json.array("metrics", of: page.items) { json, point in json.point(point, of: key) }
        json.nextPage(page.next, of: question)
        json.endObject()
        return json
    }

    @Sendable private func bulkHistory(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let ids = try Self.runs(try fields.strings("run_id"))
        guard !ids.isEmpty else {
            throw .invalid("GetMetricHistoryBulk request must specify at least one run_id.")
        }
        guard ids.count <= Limits.bulkHistoryRuns else {
            throw .invalid(
                "GetMetricHistoryBulk request cannot specify more than \(Limits.bulkHistoryRuns) run_ids. "
                    + "Received \(ids.count) run_ids."
            )
        }
        guard let key = try fields.string("metric_key"), !key.isEmpty else {
            throw .invalid("GetMetricHistoryBulk request must specify a metric_key.")
        }
        let limit = min(try fields.integer("max_results") ?? .max, Int64(Limits.metricHistoryResults))
        guard limit > 0 else { throw fields.invalid("max_results", shown: "\(limit)", type: "int") }
        let histories = try await self.histories.histories(of: key, in: ids, limit: Int(limit))
        return .object { json in
            json.name("metrics")
            json.beginArray()
            for (run, points) in histories {
                for point in points { json.point(point, of: key, in: run) }
            }
            json.endArray()
        }
    }

    @Sendable private func intervalHistory(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let ids = try Self.runs(try fields.strings("run_ids"))
        guard !ids.isEmpty else { throw fields.missing("run_ids") }
        guard ids.count <= Limits.bulkHistoryRuns else {
            throw .invalid(
                "GetMetricHistoryBulkInterval request must specify at most \(Limits.bulkHistoryRuns) run_ids. "
                    + "Received \(ids.count) run_ids. See the API docs for more information about request parameters."
            )
        }
        let key = try fields.requiredString("metric_key")
        let count = try fields.integer("max_results") ?? Int64(Limits.sampledHistoryPoints)
        guard (1...Int64(Limits.sampledHistoryPoints)).contains(count) else {
            throw .invalid(
                "max_results must be between 1 and \(Limits.sampledHistoryPoints). "
                    + "See the API docs for more information about request parameters."
            )
        }
        let steps = try Self.steps(fields)
        var samples: [(run: RunID, points: [MetricPoint])] = []
        for id in ids {
            let points = try await self.histories.sample(of: key, in: id, count: Int(count), steps: steps)
            samples.append((id, points))
        }
        let points = samples.flatMap { run, points in points.map { (run, $0) } }
        return .object { json in
            json.array("metrics", of: points) { json, item in json.point(item.1, of: key, in: item.0) }
        }
    }

    private static func runs(_ texts: [String]) throws(MartletError) -> [RunID] {
        var ids: [RunID] = []
        for text in texts {
            ids.append(try MLflowFields.runID(text))
        }
        return ids
    }

    private static func steps(_ fields: MLflowFields) throws(MartletError) -> ClosedRange<Int64>? {
        let start = try fields.integer("start_step")
        let end = try fields.integer("end_step")
        guard let start, let end else {
            guard start == nil, end == nil else {
                throw .invalid("If either start step or end step are specified, both must be specified.")
            }
            return nil
        }
        guard start <= end else {
            throw .invalid(
                "end_step must be greater than start_step. Found start_step=\(start) and end_step=\(end)."
            )
        }
        return start...end
    }
}

extension JSONWriter {
    /// Writes MLflow's `Metric`, or its `MetricWithRunId` when a run is given.
    fileprivate mutating func point(_ point: MetricPoint, of key: String, in run: RunID? = nil) {
        self.beginObject()
        self.member("key", key)
        self.members(of: point)
        self.member("run_id", run?.rawValue)
        self.endObject()
    }
}
