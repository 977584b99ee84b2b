import Foundation
import MartletStatistics
import Testing

@Suite("Power")
struct PowerTests {
    @Test(
        "differences are found as often as docs/experiments-statistics.md says",
        arguments: [
            (ProportionExperiment(baseline: 0.1, challenger: 0.15, outcomes: 4_000, tightestAt: 1_000), 0.8),
            (ProportionExperiment(baseline: 0.5, challenger: 0.6, outcomes: 2_000, tightestAt: 1_000), 0.8),
            (ProportionExperiment(baseline: 0.9, challenger: 0.85, outcomes: 6_000, tightestAt: 1_000), 0.8),
            (ProportionExperiment(baseline: 0.01, challenger: 0.03, outcomes: 6_000, tightestAt: 1_000), 0.8),
        ]
    )
    func power(experiment: ProportionExperiment, least: Double) {
        var random = SplitMix64(seed: 4)
        let found = (0..<100).count { _ in experiment.outcomesUntilDecided(&random) != nil }
        #expect(Double(found) / 100 >= least)
    }
}
