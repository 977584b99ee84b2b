package import MartletCore

/// What shall happen when a version that is new in a deployment does badly, as in
/// `error rate over 2% for 5m on 150 requests: roll back`.
package struct Condition: Sendable, Hashable {
    /// What is looked at.
    package enum Measure: Sendable, Hashable {
        /// The part of requests that failed.
        case failureRate
        /// The part of a shadow's answers that agree with those that were returned.
        case agreement
        /// The duration that a part of the requests does not exceed, in milliseconds.
        case latency(LatencyQuantile)
        /// The mean of what was told of decisions.
        case outcome(String)
        /// How far a feature's values are from those that the version was trained with: the population stability index.
        case stabilityIndex(String)
    }

    package enum Bound: String, Sendable {
        case over, under
    }

    /// What is done when it is met. The words are stored, and never change.
    package enum Action: String, Sendable, CaseIterable {
        case notify
        /// Takes no more steps of a roll-out until somebody says so.
        case pause
        case rollBack = "roll back"
        case requestRetraining = "request retraining"
    }

    package let measure: Measure
    package let bound: Bound
    package let threshold: Double
    /// The time that requests are counted in; `nil` for measures that are of all the revision's time.
    package let window: TimeSpan?
    /// How many requests or outcomes it takes to know anything.
    package let minimum: Int64
    package let action: Action

    /// Whether a value is beyond the threshold.
    package func isMet(by value: Double) -> Bool {
        switch self.bound {
        case .over: value > self.threshold
        case .under: value < self.threshold
        }
    }
}

/// A quantile of durations that a condition may name. The words are stored, and never change.
package enum LatencyQuantile: String, Sendable, CaseIterable {
    case p50, p90, p95, p99
    case p999 = "p99.9"

    package var part: Double {
        switch self {
        case .p50: 0.5
        case .p90: 0.9
        case .p95: 0.95
        case .p99: 0.99
        case .p999: 0.999
        }
    }
}
