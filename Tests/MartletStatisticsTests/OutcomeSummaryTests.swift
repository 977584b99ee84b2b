import MartletCore
import MartletStatistics
import Testing

@Suite("Summaries of outcomes")
struct OutcomeSummaryTests {
    private func summary(_ outcomes: some Sequence<Double>) throws -> OutcomeSummary {
        var summary = OutcomeSummary()
        for outcome in outcomes { try summary.record(outcome) }
        return summary
    }

    @Test("means and variances are right, also of numbers far from 0")
    func moments() throws {
        let summary = try self.summary([4, 7, 13, 16].map { $0 + 1e9 })
        #expect(summary.mean == 1e9 + 10)
        #expect(summary.variance == 30)
        #expect(summary.minimum == 1e9 + 4)
        #expect(summary.maximum == 1e9 + 16)
    }

    @Test("summaries of parts add up to that of the whole, whatever the parts")
    func merging() throws {
        var random = SplitMix64(seed: 9)
        let outcomes = (0..<500).map { _ in random.normal() * 10 + 1_000 }
        let whole = try self.summary(outcomes)
        for cuts in [[0, 500], [1, 499], [100, 250], [250, 250]] {
            var merged = try self.summary(outcomes[..<cuts[0]])
            merged.merge(try self.summary(outcomes[cuts[0]..<cuts[1]]))
            merged.merge(try self.summary(outcomes[cuts[1]...]))
            #expect(merged.count == whole.count)
            #expect(abs(merged.mean - whole.mean) < 1e-9)
            #expect(abs(merged.variance - whole.variance) < 1e-9 * whole.variance)
            #expect(merged.minimum == whole.minimum && merged.maximum == whole.maximum)
        }
    }

    @Test("counts of successes say the same as the outcomes one by one")
    func successes() throws {
        for (successes, count) in [(0, 5), (5, 5), (2, 7)] as [(UInt64, UInt64)] {
            let one = OutcomeSummary(successes: successes, of: count)
            let other = try self.summary((0..<count).map { $0 < successes ? 1 : 0 })
            #expect(one.sum == other.sum && one.minimum == other.minimum && one.maximum == other.maximum)
            #expect(abs(one.variance - other.variance) < 1e-12)
        }
        #expect(OutcomeSummary(successes: 0, of: 0) == OutcomeSummary())
    }

    @Test(
        "what is no number, or too large to square, is refused and changes nothing",
        arguments: [.nan, .infinity, 1e101]
    )
    func refusedOutcomes(outcome: Double) throws {
        var summary = try self.summary([1, 2])
        let before = summary
        #expect(throws: MartletError.self) { try summary.record(outcome) }
        #expect(summary == before)
    }

    @Test("a summary comes back from its bytes, and they are few")
    func bytes() throws {
        for outcomes in [[], [0], [1, 0, 1], [-1e100, 1e100], [0.1, 0.1, 0.1]] {
            let summary = try self.summary(outcomes)
            #expect(try OutcomeSummary(bytes: summary.bytes) == summary)
        }
        #expect(OutcomeSummary().bytes == [1, 0])
        #expect(OutcomeSummary(successes: 1, of: 1_000).bytes.count == 35)
    }

    @Test("no bytes but a summary's are read: cut, longer, of another version, or senseless")
    func refusedBytes() throws {
        let good = try self.summary([1, 0, 3]).bytes
        for length in 0..<good.count {
            #expect(throws: MartletError.self) { try OutcomeSummary(bytes: Array(good.prefix(length))) }
        }
        let (nan, zeros) = (Array(repeating: UInt8(0xff), count: 8), [UInt8](repeating: 0, count: 24))
        let minusOne: [UInt8] = [0xbf, 0xf0, 0, 0, 0, 0, 0, 0]
        let tail = Array(good.dropFirst(2))
        let unending = [UInt8](repeating: 0xff, count: 10)
        let meanAboveMaximum: [UInt8] = [1, 1] + good[2..<10] + zeros
        let negativeSquares: [UInt8] = [1, 1] + zeros.prefix(8) + minusOne + zeros.prefix(16)
        let others: [[UInt8]] = [
            good + [0], [2] + good.dropFirst(), [1, 0x80, 0], [1, 1] + nan + zeros, [1, 0x83, 0] + tail,
            [1] + unending + tail, meanAboveMaximum, negativeSquares,
        ]
        for bad in others {
            #expect(throws: MartletError.self) { try OutcomeSummary(bytes: bad) }
        }
    }
}
