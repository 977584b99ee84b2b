import Foundation
import MartletStatistics
import Testing

@Suite("Evidence about bounded means")
struct BoundedDifferenceTests {
    private func evidence(_ baseline: (UInt64, UInt64), _ challenger: (UInt64, UInt64)) -> BoundedDifference {
        BoundedDifference(
            from: OutcomeSummary(successes: baseline.0, of: baseline.1),
            to: OutcomeSummary(successes: challenger.0, of: challenger.1),
            in: 0...1,
            alpha: 0.05,
            tightestAt: 1_000
        )
    }

    /// The integral of the definition, by the midpoint rule.
    @Test("the closed form is the mixture that it is said to be")
    func mixture() {
        let mixture = BinomialMixture(tightestAt: 40, alpha: 0.05)
        // κ of 40 outcomes: x solves x = 2 ln 20 + ln(1 + x).
        let ratio = (0..<100).reduce(8.0) { x, _ in 2 * log(20) + log(1 + x) }
        let (strength, mean, successes, failures) = (40 / ratio, 0.3, 12.0, 9.0)
        let (a, b) = (strength * mean, strength * (1 - mean))
        let steps = 200_000
        let integral = (0..<steps).reduce(0.0) { sum, step in
            let q = (Double(step) + 0.5) / Double(steps)
            return sum + pow(q, a - 1 + successes) * pow(1 - q, b - 1 + failures) / Double(steps)
        }
        let beta = exp(lgamma(a) + lgamma(b) - lgamma(strength))
        let expected = log(integral / beta / pow(mean, successes) / pow(1 - mean, failures))
        let outcomes = UnitOutcomes(OutcomeSummary(successes: 12, of: 21), in: 0...1)
        #expect(abs(mixture.logEvidence(outcomes, against: mean) - expected) < 1e-6)
    }

    @Test(
        "evidence is convex in the difference, and least near the estimate",
        arguments: [((10, 100), (20, 110)), ((0, 50), (3, 70)), ((50, 50), (49, 50)), ((1, 1_000), (900, 1_000))]
    )
    func convex(baseline: (UInt64, UInt64), challenger: (UInt64, UInt64)) {
        let evidence = self.evidence(baseline, challenger)
        let values = stride(from: -0.99, through: 0.99, by: 0.01).map(evidence.logEvidence)
        for index in 1..<(values.count - 1) {
            #expect(values[index - 1] + values[index + 1] >= 2 * values[index] - 1e-6)
        }
        #expect(evidence.logEvidence(against: evidence.estimate) <= 0)
    }

    @Test("the interval ends where the evidence reaches 1/alpha, and its ends have the p-value alpha")
    func duality() {
        let evidence = self.evidence((100, 1_000), (150, 1_000))
        let interval = evidence.interval(alpha: 0.05)
        #expect(interval.lower < 0.05 && 0.05 < interval.upper)
        for end in [interval.lower, interval.upper] {
            #expect(abs(evidence.pValue(against: end) - 0.05) < 1e-6)
        }
    }

    @Test("exchanging arms, or success and failure, only changes the sign")
    func symmetry() {
        let interval = self.evidence((100, 1_000), (150, 900)).interval(alpha: 0.05)
        let exchanged = self.evidence((150, 900), (100, 1_000)).interval(alpha: 0.05)
        let negated = self.evidence((900, 1_000), (750, 900)).interval(alpha: 0.05)
        for other in [exchanged, negated] {
            #expect(abs(interval.lower + other.upper) < 1e-6)
            #expect(abs(interval.upper + other.lower) < 1e-6)
        }
    }

    @Test("without outcomes in an arm every difference that the other arm allows is possible")
    func noOutcomes() {
        #expect(self.evidence((0, 0), (0, 0)).interval(alpha: 0.05) == ConfidenceInterval(lower: -1, upper: 1))
        let interval = self.evidence((0, 0), (1_000, 1_000)).interval(alpha: 0.05)
        #expect(interval.lower > -0.05 && interval.upper == 1)
    }

    @Test("outcomes of another range give the interval scaled")
    func scaled() throws {
        var (baseline, challenger) = (OutcomeSummary(), OutcomeSummary())
        for index in 0..<1_000 {
            try baseline.record(index.isMultiple(of: 10) ? 5 : 1)
            try challenger.record(index.isMultiple(of: 5) ? 5 : 1)
        }
        let scaled = BoundedDifference(from: baseline, to: challenger, in: 1...5, alpha: 0.05, tightestAt: 1_000)
            .interval(alpha: 0.05)
        let unit = self.evidence((100, 1_000), (200, 1_000)).interval(alpha: 0.05)
        #expect(abs(scaled.lower - 4 * unit.lower) < 1e-6)
        #expect(abs(scaled.upper - 4 * unit.upper) < 1e-6)
    }

    @Test("less than one whole outcome is no evidence")
    func fractions() throws {
        var (baseline, challenger) = (OutcomeSummary(), OutcomeSummary())
        for _ in 0..<3 {
            try baseline.record(0.1)
            try challenger.record(0.9)
        }
        let evidence = BoundedDifference(from: baseline, to: challenger, in: 0...1, alpha: 0.05, tightestAt: 10)
        #expect(evidence.interval(alpha: 0.05) == ConfidenceInterval(lower: -1, upper: 1))
    }
}
