import Foundation
import MartletStatistics
import Testing

/// Two arms of outcomes that are 0 or 1.
struct ProportionExperiment: Sendable, CustomTestStringConvertible {
    let baseline: Double
    let challenger: Double
    /// The part of all subjects that the challenger gets.
    var share = 0.5
    var outcomes = 2_000
    var tightestAt = 500.0
    var repetitions = 200

    var testDescription: String {
        "\(self.baseline) and \(self.challenger), \(self.outcomes) outcomes, share \(self.share)"
    }

    /// Whether the confidence sequence of the difference ever misses it, looking after each outcome.
    ///
    /// It can only miss the difference when there is enough evidence against the true pair of means, which is a point
    /// of the line that evidence against the difference is the least of. So only then is the whole line looked at.
    func everMissesTheDifference(_ random: inout SplitMix64, alpha: Double = 0.05) -> Bool {
        let threshold = log(1 / alpha)
        var (ones, counts): ((UInt64, UInt64), (UInt64, UInt64)) = ((0, 0), (0, 0))
        for _ in 0..<self.outcomes {
            self.observe(&random, &ones, &counts)
            let evidence = self.evidence(ones, counts, alpha: alpha)
            guard evidence.logEvidence(against: self.baseline, self.challenger) >= threshold else { continue }
            if evidence.logEvidence(against: self.challenger - self.baseline) >= threshold { return true }
        }
        return false
    }

    /// After how many outcomes the difference is known not to be 0, looking after every fiftieth; `nil` if never.
    func outcomesUntilDecided(_ random: inout SplitMix64, alpha: Double = 0.05) -> Int? {
        var (ones, counts): ((UInt64, UInt64), (UInt64, UInt64)) = ((0, 0), (0, 0))
        return (1...self.outcomes).first { outcome in
            self.observe(&random, &ones, &counts)
            return outcome.isMultiple(of: 50) && self.evidence(ones, counts, alpha: alpha).pValue(against: 0) <= alpha
        }
    }

    /// Whether `isDecided` is ever true of what both arms had, looking after each outcome.
    func everHolds(_ random: inout SplitMix64, isDecided: (OutcomeSummary, OutcomeSummary) -> Bool) -> Bool {
        var (ones, counts): ((UInt64, UInt64), (UInt64, UInt64)) = ((0, 0), (0, 0))
        return (0..<self.outcomes).contains { _ in
            self.observe(&random, &ones, &counts)
            return isDecided(
                OutcomeSummary(successes: ones.0, of: counts.0),
                OutcomeSummary(successes: ones.1, of: counts.1)
            )
        }
    }

    private func observe(_ random: inout SplitMix64, _ ones: inout (UInt64, UInt64), _ counts: inout (UInt64, UInt64)) {
        if random.happens(self.share) {
            counts.1 += 1
            if random.happens(self.challenger) { ones.1 += 1 }
        } else {
            counts.0 += 1
            if random.happens(self.baseline) { ones.0 += 1 }
        }
    }

    private func evidence(_ ones: (UInt64, UInt64), _ counts: (UInt64, UInt64), alpha: Double) -> BoundedDifference {
        BoundedDifference(
            from: OutcomeSummary(successes: ones.0, of: counts.0),
            to: OutcomeSummary(successes: ones.1, of: counts.1),
            in: 0...1,
            alpha: alpha,
            tightestAt: self.tightestAt
        )
    }
}

@Suite("Sequential comparison of proportions")
struct ProportionPeekingTests {
    @Test(
        "looking after each outcome, arms without a difference are told apart in less than 5 % of experiments",
        arguments: [
            ProportionExperiment(baseline: 0.1, challenger: 0.1, repetitions: 1_000),
            ProportionExperiment(baseline: 0.5, challenger: 0.5),
            ProportionExperiment(baseline: 0.01, challenger: 0.01),
            ProportionExperiment(baseline: 0.9, challenger: 0.9, share: 0.1),
            ProportionExperiment(baseline: 0.01, challenger: 0.01, share: 0.1),
        ]
    )
    func falsePositives(experiment: ProportionExperiment) {
        var random = SplitMix64(seed: 1)
        let count = experiment.repetitions
        let missed = (0..<count).count { _ in experiment.everMissesTheDifference(&random) }
        #expect(Double(missed) < 0.05 * Double(count))
    }

    @Test(
        "looking after each outcome, the interval misses a difference that is there in less than 5 % of experiments",
        arguments: [
            ProportionExperiment(baseline: 0.1, challenger: 0.2),
            ProportionExperiment(baseline: 0.01, challenger: 0.03, share: 0.3),
        ]
    )
    func coverage(experiment: ProportionExperiment) {
        var random = SplitMix64(seed: 2)
        let missed = (0..<experiment.repetitions).count { _ in experiment.everMissesTheDifference(&random) }
        #expect(Double(missed) < 0.05 * Double(experiment.repetitions))
    }

    @Test(
        "one arm's mean leaves its confidence sequence in less than 5 % of experiments, and in some",
        arguments: [0.5, 0.02]
    )
    func oneArm(mean: Double) {
        var random = SplitMix64(seed: 3)
        let mixture = BinomialMixture(tightestAt: 500, alpha: 0.05)
        let missed = (0..<500).count { _ in
            var successes: UInt64 = 0
            return (1...2_000).contains { count in
                if random.happens(mean) { successes += 1 }
                let outcomes = UnitOutcomes(OutcomeSummary(successes: successes, of: UInt64(count)), in: 0...1)
                return mixture.logEvidence(outcomes, against: mean) >= log(20)
            }
        }
        #expect((5..<25).contains(missed))
    }

    /// Shows that these experiments see what peeking does.
    @Test("a test for one look, looked at all the time, is wrong in more than 20 % of experiments")
    func fixedSampleTest() {
        var random = SplitMix64(seed: 1)
        let experiment = ProportionExperiment(baseline: 0.1, challenger: 0.1)
        let fooled = (0..<experiment.repetitions).count { _ in
            experiment.everHolds(&random) { baseline, challenger in
                let variance =
                    baseline.variance / Double(baseline.count) + challenger.variance / Double(challenger.count)
                return min(baseline.count, challenger.count) > 50
                    && abs(challenger.mean - baseline.mean) > 1.96 * variance.squareRoot()
            }
        }
        #expect(Double(fooled) > 0.2 * Double(experiment.repetitions))
    }
}
