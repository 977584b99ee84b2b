import MartletCore
import MartletStatistics
import Testing

@Suite("Verdicts")
struct VerdictTests {
    private typealias Ones = (ones: UInt64, of: UInt64)

    /// A goal of which more is better, and errors, of which at most 0.02 more are accepted.
    private func plan(margin: Double = 0, alpha: Double = 0.05) throws -> ExperimentPlan {
        try ExperimentPlan(
            goal: ExperimentMetric("accepted", .proportion, margin: margin),
            guardrails: [ExperimentMetric("errors", .proportion, .lowerIsBetter, margin: 0.02)],
            alpha: alpha
        )
    }

    private func reading(
        _ plan: ExperimentPlan,
        _ accepted: (Ones, Ones),
        errors: (Ones, Ones) = ((50, 10_000), (50, 10_000)),
        subjects: [UInt64] = [10_000, 10_000]
    ) throws -> ExperimentReading {
        let (goal, guardrail) = (accepted, errors)
        let comparisons = try plan.comparisons(
            baseline: [goal.0, guardrail.0].map { OutcomeSummary(successes: $0.ones, of: $0.of) },
            challenger: [goal.1, guardrail.1].map { OutcomeSummary(successes: $0.ones, of: $0.of) }
        )
        let periods = [try SampleCounts(subjects: subjects, weights: [1, 1])]
        return ExperimentReading(plan, baseline: "2.3.8", challenger: "2.4.1", comparisons, periods)
    }

    @Test("a challenger that is better at the goal and keeps to guardrails is better")
    func better() throws {
        let reading = try self.reading(self.plan(), ((1_000, 10_000), (1_300, 10_000)))
        #expect(reading.verdict == .challengerBetter)
        #expect(
            reading.sentence
                == "2.4.1 is better than 2.3.8: accepted is 0.13 in 10000 against 0.1 in 10000, a difference of 0.03, "
                + "which is between \(reading.comparisons[0].interval.lower.brief) and "
                + "\(reading.comparisons[0].interval.upper.brief) with a confidence of 95% "
                + "(\(PValueText.named(reading.comparisons[0].pValue)))."
        )
    }

    @Test("a baseline that is better at the goal is better")
    func worse() throws {
        let reading = try self.reading(self.plan(), ((1_300, 10_000), (1_000, 10_000)))
        #expect(reading.verdict == .baselineBetter)
        #expect(reading.sentence.hasPrefix("2.3.8 is better than 2.4.1: accepted is 0.1 in 10000 against 0.13"))
    }

    @Test("a violated guardrail comes before any gain, and before the minimum sample")
    func guardrail() throws {
        let plan = try self.plan()
        let gaining = ((1_000, 10_000), (1_300, 10_000)) as (Ones, Ones)
        let reading = try self.reading(plan, gaining, errors: ((50, 10_000), (600, 10_000)))
        #expect(reading.verdict == .guardrailViolated(metric: "errors"))
        #expect(reading.sentence.hasPrefix("2.4.1 makes errors worse than 2.3.8 by more than 0.02: errors is 0.06 in"))
        let early = try self.reading(plan, ((0, 40), (0, 40)), errors: ((0, 40), (40, 40)))
        #expect(early.verdict == .guardrailViolated(metric: "errors"))
    }

    @Test("a guardrail that is not yet known to hold keeps a gain undecided")
    func openGuardrail() throws {
        let reading = try self.reading(
            self.plan(),
            ((1_000, 10_000), (1_300, 10_000)),
            errors: ((5, 100), (5, 100))
        )
        #expect(reading.verdict == .undecided)
        #expect(reading.sentence.contains("not yet known whether it keeps to the margin of errors"))
    }

    @Test("a guardrail of any numbers says nothing before the minimum sample, neither that it holds")
    func fewUnbounded() throws {
        func reading(_ count: Int) throws -> ExperimentReading {
            let plan = try ExperimentPlan(
                goal: ExperimentMetric("accepted", .proportion),
                guardrails: [ExperimentMetric("cost", .unbounded, .lowerIsBetter, margin: 0.2)],
                minimumSample: 100
            )
            var cost = OutcomeSummary()
            for number in 0..<count { try cost.record(1 + Double(number % 2) / 1_000) }
            let comparisons = try plan.comparisons(
                baseline: [OutcomeSummary(successes: 1_000, of: 10_000), cost],
                challenger: [OutcomeSummary(successes: 1_300, of: 10_000), cost]
            )
            return ExperimentReading(plan, baseline: "2.3.8", challenger: "2.4.1", comparisons, [])
        }
        let early = try reading(2)
        #expect(early.verdict == .undecided)
        #expect(early.sentence.contains("not yet known whether it keeps to the margin of cost"))
        #expect(try reading(99).verdict == .undecided)
        #expect(try reading(100).verdict == .challengerBetter)
    }

    @Test("a difference that is within the margin is none, and one that may not be is undecided")
    func margin() throws {
        let equal = ((1_000, 10_000), (1_001, 10_000)) as (Ones, Ones)
        #expect(try self.reading(self.plan(margin: 0.03), equal).verdict == .noDifference)
        let undecided = try self.reading(self.plan(margin: 0.01), equal)
        #expect(undecided.verdict == .undecided)
        #expect(undecided.sentence.hasPrefix("Undecided between 2.3.8 and 2.4.1: accepted is 0.1001 in 10000"))
    }

    @Test("nothing is decided before the minimum sample, however clear it is")
    func minimumSample() throws {
        func reading(minimumSample: UInt64) throws -> ExperimentReading {
            let plan = try ExperimentPlan(
                goal: ExperimentMetric("accepted", .proportion),
                minimumSample: minimumSample
            )
            let arms = (OutcomeSummary(successes: 0, of: 99), OutcomeSummary(successes: 101, of: 101))
            let comparisons = try plan.comparisons(baseline: [arms.0], challenger: [arms.1])
            return ExperimentReading(plan, baseline: "2.3.8", challenger: "2.4.1", comparisons, [])
        }
        let early = try reading(minimumSample: 100)
        #expect(early.verdict == .undecided)
        #expect(early.sentence == "Undecided: each arm needs 100 outcomes; 2.3.8 has 99 and 2.4.1 has 101.")
        #expect(try reading(minimumSample: 99).verdict == .challengerBetter)
    }

    @Test("arms that did not get their shares cannot be compared")
    func sampleRatio() throws {
        let reading = try self.reading(
            self.plan(),
            ((1_000, 10_000), (1_300, 10_000)),
            subjects: [10_000, 9_000]
        )
        #expect(reading.verdict == .sampleRatioMismatch)
        #expect(reading.sentence.hasPrefix("The arms did not get the subjects that their shares say (p < 0.0001)"))
    }

    @Test("more comparisons, or more challengers, make each interval wider")
    func sharedAlpha() throws {
        let plan = try self.plan()
        let summaries = [OutcomeSummary(successes: 10, of: 100), OutcomeSummary(successes: 1, of: 100)]
        let one = try plan.comparisons(baseline: summaries, challenger: summaries)[0].interval
        let three = try plan.comparisons(baseline: summaries, challenger: summaries, challengers: 3)[0].interval
        let alone = try ExperimentPlan(goal: plan.goal)
            .comparisons(baseline: [summaries[0]], challenger: [summaries[0]])[0].interval
        #expect(three.lower < one.lower && one.lower < alone.lower)
    }

    @Test("plans and outcomes that have no sense are refused")
    func refused() throws {
        #expect(throws: MartletError.self) { try self.plan(alpha: 0) }
        #expect(throws: MartletError.self) { try self.plan(margin: -1) }
        #expect(throws: MartletError.self) { try self.plan(margin: .nan) }
        #expect(throws: MartletError.self) { try ExperimentMetric("flat", .bounded(1...1)) }
        let metric = try ExperimentMetric("score", .bounded(0...5))
        #expect(throws: MartletError.self) { try ExperimentPlan(goal: metric, guardrails: [metric]) }
        var outside = OutcomeSummary()
        try outside.record(6)
        let plan = try ExperimentPlan(goal: metric)
        #expect(throws: MartletError.self) { try plan.comparisons(baseline: [outside], challenger: [outside]) }
        #expect(throws: MartletError.self) { try plan.comparisons(baseline: [], challenger: []) }
    }
}
