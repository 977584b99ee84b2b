import MartletCore
import MartletSQL

/// The rows that logging some metrics writes, but for the run's key.
struct PreparedMetrics: Sendable {
    private let points: SQLBatch
    private let latest: SQLBatch
    /// With those that were measured of a logged model; empty when none was.
    private let ofModels: [LoggedMetric]
    /// What was measured on datasets; empty when nothing was.
    private let onDatasets: SQLBatch

    init(_ metrics: [LoggedMetric]) {
        // As the table is sorted, so that points of one key go to one page, one after the other.
        let sorted = metrics.count > 1 ? metrics.sorted { $0.metric.key < $1.metric.key } : metrics
        self.points = MetricQueries.insertPoints(sorted)
        self.latest = MetricQueries.upsertLatest(Self.latest(of: sorted))
        self.ofModels = metrics.contains { $0.modelID != nil } ? metrics : []
        self.onDatasets = MetricQueries.upsertMeasured(metrics)
    }

    func log(to run: RunHandle, on db: any Connection) throws(MartletError) {
        guard !self.points.isEmpty else { return }
        var (points, latest) = (self.points, self.latest)
        points.constants = [.integer(run.key)]
        latest.constants = [.integer(run.key), .integer(run.experimentID.rawValue)]
        try db.executeLater(points)
        try db.executeLater(latest)
        if !self.onDatasets.isEmpty {
            var measured = self.onDatasets
            measured.constants = [.integer(run.key)]
            try db.executeLater(measured)
        }
        if !self.ofModels.isEmpty { try LoggedModelMetrics.log(self.ofModels, of: run, on: db) }
    }

    /// The latest point of each key, so that a batch changes each row once.
    private static func latest(of metrics: [LoggedMetric]) -> [Metric] {
        if metrics.count == 1 { return [metrics[0].metric] }
        var latest: [ExactText: Metric] = [:]
        for logged in metrics {
            let metric = logged.metric
            let key = ExactText(metric.key)
            if let other = latest[key], !metric.point.isLater(than: other.point) { continue }
            latest[key] = metric
        }
        return Array(latest.values)
    }
}
