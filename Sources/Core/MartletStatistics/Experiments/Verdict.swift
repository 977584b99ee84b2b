/// What an experiment says of one challenger.
package enum Verdict: Sendable, Equatable {
    /// Arms do not get the subjects they should, so nothing can be said.
    case sampleRatioMismatch
    /// The challenger makes this metric worse by more than its margin.
    case guardrailViolated(metric: String)
    /// The challenger is better at the goal, and within the margin of every guardrail.
    case challengerBetter
    /// The baseline is better at the goal.
    case baselineBetter
    /// The difference is smaller than matters.
    case noDifference
    case undecided
}

/// A verdict with what it rests on.
package struct ExperimentReading: Sendable {
    package let baseline: String
    package let challenger: String
    package let verdict: Verdict
    /// The goal's, and then those of the guardrails.
    package let comparisons: [MetricComparison]
    package let sampleRatioPValue: Double
    let plan: ExperimentPlan

    /// - Parameters:
    ///   - comparisons: What ``ExperimentPlan/comparisons(baseline:challenger:challengers:)`` returned.
    ///   - periods: How many subjects each arm got, for each period with other shares.
    package init(
        _ plan: ExperimentPlan,
        baseline: String,
        challenger: String,
        _ comparisons: [MetricComparison],
        _ periods: [SampleCounts]
    ) {
        precondition(comparisons.count == 1 + plan.guardrails.count, "a comparison for each metric")
        self.plan = plan
        self.baseline = baseline
        self.challenger = challenger
        self.comparisons = comparisons
        self.sampleRatioPValue = plan.sampleRatio.pValue(periods)
        self.verdict =
            self.sampleRatioPValue <= plan.sampleRatio.alpha
            ? .sampleRatioMismatch : Self.verdict(plan, goal: comparisons[0], guardrails: comparisons.dropFirst())
    }

    var goal: MetricComparison { self.comparisons[0] }

    /// Guardrails of which it is not yet known that the challenger keeps to the margin.
    var openGuardrails: [String] {
        self.comparisons.dropFirst().filter { !Self.holds($0, self.plan) }.map(\.metric.name)
    }

    private static func verdict(
        _ plan: ExperimentPlan,
        goal: MetricComparison,
        guardrails: ArraySlice<MetricComparison>
    ) -> Verdict {
        if let violated = guardrails.first(where: { self.isViolated($0, plan) }) {
            return .guardrailViolated(metric: violated.metric.name)
        }
        guard goal.smallestCount >= plan.minimumSample else { return .undecided }
        let gain = goal.gain
        if gain.upper < 0 { return .baselineBetter }
        if gain.lower > 0 { return guardrails.allSatisfy { self.holds($0, plan) } ? .challengerBetter : .undecided }
        return max(-gain.lower, gain.upper) <= goal.metric.margin ? .noDifference : .undecided
    }

    private static func isViolated(_ guardrail: MetricComparison, _ plan: ExperimentPlan) -> Bool {
        self.isValid(guardrail, plan) && guardrail.gain.upper < -guardrail.metric.margin
    }

    private static func holds(_ guardrail: MetricComparison, _ plan: ExperimentPlan) -> Bool {
        self.isValid(guardrail, plan) && guardrail.gain.lower >= -guardrail.metric.margin
    }

    /// An exact method needs no minimum sample, and harm is best seen early; what holds only in the limit says nothing
    /// of a few outcomes.
    private static func isValid(_ guardrail: MetricComparison, _ plan: ExperimentPlan) -> Bool {
        guardrail.metric.outcomes != .unbounded || guardrail.smallestCount >= plan.minimumSample
    }
}
