package import MartletCore

/// One value of a metric at one step and time.
package struct MetricPoint: Sendable, Hashable {
    package var value: Double
    package var step: Int64
    package var loggedAt: Timestamp

    package init(value: Double, step: Int64, loggedAt: Timestamp) {
        self.value = value
        self.step = step
        self.loggedAt = loggedAt
    }

    /// The value as it is compared and stored: SQLite has no NaN, so NaN is 0 with a flag.
    var comparable: Double { self.value.isNaN ? 0 : self.value }

    /// Whether this point takes the place of `other` as the latest one.
    package func isLater(than other: MetricPoint) -> Bool {
        (self.step, self.loggedAt.milliseconds, self.comparable)
            > (other.step, other.loggedAt.milliseconds, other.comparable)
    }
}

/// A point and the name of its metric.
package struct Metric: Sendable, Hashable {
    package var key: String
    package var point: MetricPoint

    package init(key: String, point: MetricPoint) {
        self.key = key
        self.point = point
    }
}

/// A metric that a run logs, and the model and dataset that it was measured with, if it says so.
package struct LoggedMetric: Sendable {
    package var metric: Metric
    package var modelID: LoggedModelID?
    package var datasetName: String?
    package var datasetDigest: String?

    package init(
        metric: Metric,
        modelID: LoggedModelID? = nil,
        datasetName: String? = nil,
        datasetDigest: String? = nil
    ) {
        self.metric = metric
        self.modelID = modelID
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
    }
}

/// The latest value of a metric on one dataset.
package struct MeasuredPoint: Sendable, Hashable {
    package let key: String
    package let datasetName: String
    package let datasetDigest: String
    package let value: Double
    package let step: Int64
}
