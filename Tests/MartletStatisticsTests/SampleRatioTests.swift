import Foundation
import MartletCore
import MartletStatistics
import Testing

@Suite("Sample ratios")
struct SampleRatioTests {
    private let test = SampleRatioTest(alpha: 0.05, tightestAt: 1_000)

    /// After how many subjects there is an alarm, looking after every tenth of them; `nil` if never.
    private func alarm(
        _ random: inout SplitMix64,
        weights: [[UInt64]],
        actual: [[Double]],
        subjectsEach: Int
    ) throws -> Int? {
        var ended: [SampleCounts] = []
        for (period, intended) in weights.enumerated() {
            var subjects = [UInt64](repeating: 0, count: intended.count)
            for subject in 1...subjectsEach {
                var draw = random.uniform()
                let arm = actual[period].firstIndex { share in
                    draw -= share
                    return draw < 0
                }
                subjects[arm ?? subjects.count - 1] += 1
                guard subject.isMultiple(of: 10) else { continue }
                let now = try SampleCounts(subjects: subjects, weights: intended)
                if self.test.pValue(ended + [now]) <= self.test.alpha { return period * subjectsEach + subject }
            }
            ended.append(try SampleCounts(subjects: subjects, weights: intended))
        }
        return nil
    }

    @Test("arms that get their shares raise an alarm in less than 5 % of experiments, also when shares change")
    func falseAlarms() throws {
        var random = SplitMix64(seed: 7)
        let (weights, shares): ([[UInt64]], [[Double]]) = (
            [[99, 1, 0], [50, 30, 20]], [[0.99, 0.01, 0], [0.5, 0.3, 0.2]]
        )
        var alarms = 0
        for _ in 0..<300
        where try self.alarm(&random, weights: weights, actual: shares, subjectsEach: 1_000) != nil {
            alarms += 1
        }
        #expect((1..<15).contains(alarms))
    }

    @Test("an arm that loses a tenth of its subjects is noticed")
    func power() throws {
        var random = SplitMix64(seed: 8)
        var alarms = 0
        for _ in 0..<50
        where try self.alarm(&random, weights: [[1, 1]], actual: [[0.5263, 0.4737]], subjectsEach: 8_000) != nil {
            alarms += 1
        }
        #expect(alarms >= 45)
    }

    @Test("a subject in an arm that should have none is proof")
    func impossible() throws {
        let counts = try SampleCounts(subjects: [1_000, 1], weights: [1, 0])
        #expect(self.test.pValue([counts]) == 0)
    }

    @Test("nothing to compare is no evidence")
    func nothing() throws {
        #expect(self.test.pValue([]) == 1)
        #expect(self.test.pValue([try SampleCounts(subjects: [0, 0], weights: [1, 1])]) == 1)
        #expect(self.test.pValue([try SampleCounts(subjects: [500, 0], weights: [1, 0])]) == 1)
    }

    @Test("counts without weights, or weights that are all 0, are refused")
    func refused() {
        #expect(throws: MartletError.self) { try SampleCounts(subjects: [1, 2], weights: [1]) }
        #expect(throws: MartletError.self) { try SampleCounts(subjects: [1, 2], weights: [0, 0]) }
        #expect(throws: MartletError.self) { try SampleCounts(subjects: [], weights: []) }
    }
}
