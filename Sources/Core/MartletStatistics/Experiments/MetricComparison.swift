/// What is known, at one look, of the difference that a challenger makes to one metric.
package struct MetricComparison: Sendable, Equatable {
    package let metric: ExperimentMetric
    package let baseline: OutcomeSummary
    package let challenger: OutcomeSummary
    /// The challenger's mean less that of the baseline.
    package let difference: Double
    /// Contains the true difference, at all looks together, with the plan's confidence.
    package let interval: ConfidenceInterval
    /// Of "there is no difference"; the least one ever seen is valid as well.
    package let pValue: Double

    init(
        _ metric: ExperimentMetric,
        baseline: OutcomeSummary,
        challenger: OutcomeSummary,
        alpha: Double,
        tightestAt: Double
    ) {
        self.metric = metric
        self.baseline = baseline
        self.challenger = challenger
        let evidence: any DifferenceEvidence =
            if let range = metric.outcomes.range {
                BoundedDifference(
                    from: baseline,
                    to: challenger,
                    in: range,
                    alpha: alpha,
                    tightestAt: tightestAt
                )
            } else {
                UnboundedDifference(from: baseline, to: challenger, alpha: alpha, tightestAt: tightestAt)
            }
        self.difference = evidence.estimate
        self.interval = evidence.interval(alpha: alpha)
        self.pValue = evidence.pValue(against: 0)
    }

    /// How much better the challenger is, as an interval: positive is better, whatever the metric's direction.
    package var gain: ConfidenceInterval { self.metric.gain(self.interval) }

    /// The outcomes of the arm that has fewer.
    package var smallestCount: UInt64 { min(self.baseline.count, self.challenger.count) }
}
