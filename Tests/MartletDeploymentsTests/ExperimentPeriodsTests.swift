import MartletDeployments
import MartletStatistics
import Testing

@Suite("Periods of experiments")
struct ExperimentPeriodsTests {
    @Test("revisions with the same shares are one period, others are apart")
    func periods() throws {
        let periods = ExperimentPeriods([
            ([500_000, 500_000], 0, 3), ([500_000, 500_000], 1, 4), ([1_000_000, 1_000_000], 0, 9),
            ([900_000, 100_000], 0, 5), ([500_000, 500_000], 1, 2),
        ])
        let expected = [
            try SampleCounts(subjects: [3, 4], weights: [1, 1]), try SampleCounts(subjects: [9, 0], weights: [1, 1]),
            try SampleCounts(subjects: [5, 0], weights: [9, 1]), try SampleCounts(subjects: [0, 2], weights: [1, 1]),
        ]
        #expect(try periods.sampleCounts() == expected)
        #expect([0, 1].map { periods.units(of: $0) } == [17, 6])
    }

    @Test("changing shares looks like no mismatch, though all counts together would")
    func changes() throws {
        let periods = ExperimentPeriods([
            ([500_000, 500_000], 0, 500), ([500_000, 500_000], 1, 500), ([900_000, 100_000], 0, 900),
            ([900_000, 100_000], 1, 100),
        ])
        #expect(SampleRatioTest().pValue(try periods.sampleCounts()) > 0.9)
        let all = [try SampleCounts(subjects: [1_400, 600], weights: [1, 1])]
        #expect(SampleRatioTest().pValue(all) < 1e-9)
    }
}
