package import MartletRouting

/// What this process has passed on since it started, for tools that ask again and again and subtract.
package struct TrafficTotals: Sendable {
    /// Names a series. There are at most ``seriesMax``; whatever comes on top is counted together as `nil`.
    package struct Labels: Sendable, Hashable {
        package let deployment: DeploymentName
        package let arm: ArmName
    }

    /// The counts of one series.
    package struct Series: Sendable {
        /// By how requests ended.
        package internal(set) var counts = [Int64](repeating: 0, count: TrafficSums.Ending.allCases.count)
        /// By how the answers of a shadow compare with those that were returned.
        package internal(set) var agreements: [Agreement: Int64] = [:]
        package internal(set) var seconds = 0.0
        /// Requests at most as long as each of ``TrafficTotals/bounds``.
        package internal(set) var buckets = [Int64](repeating: 0, count: TrafficTotals.bounds.count)
    }

    private static let seriesMax = 1_000
    /// Upper bounds of durations, in seconds.
    package static let bounds: [Double] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    package private(set) var series: [Labels?: Series] = [:]

    typealias Sample = (ending: TrafficSums.Ending, microseconds: UInt64, agreement: Agreement?)

    mutating func add(_ samples: [Sample], _ route: Route, arm: Int) {
        let labels = Labels(deployment: route.deployment.name, arm: route.arms[arm].name)
        let isKnown = self.series[labels] != nil || self.series.count < Self.seriesMax
        for sample in samples { self.series[isKnown ? labels : nil, default: Series()].add(sample) }
    }
}

extension TrafficTotals.Series {
    fileprivate mutating func add(_ sample: TrafficTotals.Sample) {
        let seconds = Double(sample.microseconds) / 1_000_000
        self.counts[Int(sample.ending.rawValue)] += 1
        if let agreement = sample.agreement { self.agreements[agreement, default: 0] += 1 }
        self.seconds += seconds
        for index in self.buckets.indices.reversed() {
            guard seconds <= TrafficTotals.bounds[index] else { break }
            self.buckets[index] += 1
        }
    }
}
