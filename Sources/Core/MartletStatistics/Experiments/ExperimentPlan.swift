package import MartletCore

/// What an experiment asks, and how sure its answers shall be.
///
/// All intervals of all comparisons hold together at all times with probability 1 - ``alpha``, since each gets an equal
/// part of it. So whoever looks at any of them at any time, as often as they like, is wrong about anything at most that
/// often.
package struct ExperimentPlan: Sendable {
    package let goal: ExperimentMetric
    package let guardrails: [ExperimentMetric]
    package let alpha: Double
    /// Outcomes that each arm must have before anything but a guardrail is decided.
    package let minimumSample: UInt64
    /// Outcomes of each arm at which intervals are as narrow as they can be; a rough guess is good enough.
    package let tightestAt: Double
    package let sampleRatio: SampleRatioTest

    package init(
        goal: ExperimentMetric,
        guardrails: [ExperimentMetric] = [],
        alpha: Double = 0.05,
        minimumSample: UInt64 = 100,
        tightestAt: Double = 5_000,
        sampleRatio: SampleRatioTest = SampleRatioTest()
    ) throws(MartletError) {
        guard 0 < alpha, alpha < 1 else { throw .invalid("alpha must be between 0 and 1") }
        guard tightestAt >= 1, tightestAt.isFinite else { throw .invalid("the expected sample must be 1 or more") }
        let names = [goal.name] + guardrails.map(\.name)
        guard Set(names).count == names.count else { throw .invalid("two metrics of an experiment have the same name") }
        self.goal = goal
        self.guardrails = guardrails
        self.alpha = alpha
        self.minimumSample = minimumSample
        self.tightestAt = tightestAt
        self.sampleRatio = sampleRatio
    }

    /// Returns what this look says of a challenger.
    ///
    /// - Parameters:
    ///   - baseline: One summary for the goal and then one for each guardrail.
    ///   - challenger: Likewise.
    ///   - challengers: How many there are in the experiment; they share ``alpha``.
    package func comparisons(
        baseline: [OutcomeSummary],
        challenger: [OutcomeSummary],
        challengers: Int = 1
    ) throws(MartletError) -> [MetricComparison] {
        let metrics = [self.goal] + self.guardrails
        guard baseline.count == metrics.count, challenger.count == metrics.count, challengers > 0 else {
            throw .invalid("each arm needs one summary for each of \(metrics.count) metrics")
        }
        for (index, metric) in metrics.enumerated() {
            guard metric.accepts(baseline[index]), metric.accepts(challenger[index]) else {
                throw .invalid("outcomes of '\(metric.name)' are outside of their range")
            }
        }
        let alpha = self.alpha / Double(metrics.count * challengers)
        return metrics.enumerated().map { index, metric in
            MetricComparison(
                metric,
                baseline: baseline[index],
                challenger: challenger[index],
                alpha: alpha,
                tightestAt: self.tightestAt
            )
        }
    }
}
