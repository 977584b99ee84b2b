import Foundation
import MartletCore
import MartletStatistics
import Testing

/// Distributions of outcomes that have no bound, with the mean 1.
enum UnboundedOutcomes: String, CaseIterable, Sendable {
    case normal, exponential, logNormal

    /// In what part of experiments the interval may miss. Rare and huge outcomes show that it is valid in the limit
    /// only.
    var missesMax: Double { self == .logNormal ? 0.08 : 0.05 }

    func next(_ random: inout SplitMix64) -> Double {
        switch self {
        case .normal: 1 + random.normal()
        case .exponential: -log(1 - random.uniform())
        case .logNormal: exp(random.normal() - 0.5)
        }
    }
}

@Suite("Sequential comparison of unbounded means")
struct UnboundedDifferenceTests {
    private let alpha = 0.05

    private func evidence(_ baseline: OutcomeSummary, _ challenger: OutcomeSummary) -> UnboundedDifference {
        UnboundedDifference(from: baseline, to: challenger, alpha: self.alpha, tightestAt: 500)
    }

    /// Whether the true difference is ever missed, looking after each of 2,000 outcomes when each arm has 100.
    private func everMisses(_ outcomes: UnboundedOutcomes, _ random: inout SplitMix64, share: Double) throws -> Bool {
        var arms = (OutcomeSummary(), OutcomeSummary())
        for _ in 1...2_000 {
            let outcome = outcomes.next(&random)
            if random.happens(share) { try arms.1.record(outcome + 2) } else { try arms.0.record(outcome) }
            guard min(arms.0.count, arms.1.count) >= 100 else { continue }
            if self.evidence(arms.0, arms.1).logEvidence(against: 2) >= log(1 / self.alpha) { return true }
        }
        return false
    }

    @Test(
        "looking after each outcome, the interval misses the difference as seldom as is documented",
        arguments: UnboundedOutcomes.allCases,
        [0.5, 0.2]
    )
    func coverage(outcomes: UnboundedOutcomes, share: Double) throws {
        var random = SplitMix64(seed: 5)
        var missed = 0
        for _ in 0..<300 where try self.everMisses(outcomes, &random, share: share) { missed += 1 }
        #expect(Double(missed) < 300 * outcomes.missesMax)
    }

    @Test("the interval ends where the evidence reaches 1/alpha, and its ends have the p-value alpha")
    func duality() throws {
        var random = SplitMix64(seed: 6)
        var arms = (OutcomeSummary(), OutcomeSummary())
        for _ in 0..<300 {
            try arms.0.record(random.normal())
            try arms.1.record(random.normal() * 3 + 1)
        }
        let evidence = self.evidence(arms.0, arms.1)
        let interval = evidence.interval(alpha: self.alpha)
        for end in [interval.lower, interval.upper] {
            #expect(abs(evidence.pValue(against: end) - self.alpha) < 1e-9)
        }
    }

    @Test("outcomes that are all the same, or too few, say nothing")
    func degenerate() throws {
        var (same, other, one) = (OutcomeSummary(), OutcomeSummary(), OutcomeSummary())
        for _ in 0..<100 {
            try same.record(1)
            try other.record(2)
        }
        try one.record(5)
        for (left, right) in [(same, other), (one, same), (OutcomeSummary(), OutcomeSummary())] {
            let evidence = self.evidence(left, right)
            #expect(evidence.pValue(against: 0) == 1)
            #expect(evidence.interval(alpha: 0.05) == ConfidenceInterval(lower: -.infinity, upper: .infinity))
        }
    }
}
