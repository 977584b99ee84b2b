import MartletCore
import MartletStatistics
import Testing

@Suite("Histograms of durations")
struct LatencyHistogramTests {
    private func histogram(_ durations: [UInt64], _ layout: LatencyLayout = .standard) -> LatencyHistogram {
        var histogram = LatencyHistogram(layout)
        for duration in durations { histogram.record(duration) }
        return histogram
    }

    /// Many small durations, and some of up to minutes.
    private func durations(_ count: Int, seed: UInt64) -> [UInt64] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in UInt64(1 + 500 / (1e-6 + random.uniform() * random.uniform())) % 3_000_000_000 }
    }

    @Test("every duration is in one bucket, which is narrower than the layout's error", arguments: [1, 2, 3])
    func buckets(digits: Int) throws {
        let layout = try LatencyLayout(digits: digits, highest: 10_000_000)
        var next: UInt64 = 0
        for bucket in 0..<layout.bucketCount {
            let values = layout.values(of: bucket)
            #expect(values.lowerBound == next)
            #expect(layout.bucket(of: values.lowerBound) == bucket && layout.bucket(of: values.upperBound) == bucket)
            let error: UInt64 = [10, 100, 1_000][digits - 1]
            #expect((values.upperBound - values.lowerBound) * error < max(1, values.lowerBound))
            next = values.upperBound + 1
        }
        #expect(next > layout.highest)
        #expect(layout.bucket(of: .max) == layout.bucketCount - 1)
    }

    @Test("quantiles are too large by less than the layout's error, and never too small", arguments: [1, 2, 3])
    func quantiles(digits: Int) throws {
        let durations = self.durations(20_000, seed: 10)
        let histogram = self.histogram(durations, try LatencyLayout(digits: digits, highest: 3_600_000_000))
        let sorted = durations.sorted()
        for quantile in [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1] {
            let exact = sorted[max(1, Int((quantile * 20_000).rounded(.up))) - 1]
            let found = try #require(histogram.quantile(quantile))
            #expect(found >= exact)
            #expect(Double(found - exact) < Double(exact) / [10, 100, 1_000][digits - 1])
        }
        #expect(histogram.maximum == sorted.last)
    }

    @Test("histograms of parts add up to that of the whole")
    func merging() {
        let durations = self.durations(2_000, seed: 11)
        var merged = self.histogram(Array(durations[..<700]))
        merged.merge(self.histogram(Array(durations[700...])))
        merged.merge(LatencyHistogram())
        #expect(merged == self.histogram(durations))
    }

    @Test("a finer histogram adds to a coarser one as if its durations had been recorded there")
    func mergingLayouts() throws {
        let durations = self.durations(2_000, seed: 12)
        let (fine, coarse) = (try LatencyLayout(digits: 3, highest: 3_600_000_000), LatencyLayout.standard)
        var merged = LatencyHistogram(coarse)
        merged.merge(self.histogram(durations, fine))
        #expect(merged == self.histogram(durations, coarse))
    }

    @Test("what is longer than the highest is counted as that, and the longest is still known")
    func beyond() throws {
        let histogram = self.histogram([1, .max, .max], try LatencyLayout(digits: 2, highest: 1_000))
        #expect(histogram.count == 3)
        #expect(histogram.sum == .max)
        #expect(histogram.maximum == .max)
        #expect(try #require(histogram.quantile(0.9)) <= 1_007)
    }

    @Test("a histogram of nothing has no quantile")
    func empty() {
        #expect(LatencyHistogram().quantile(0.5) == nil)
    }

    @Test("a histogram comes back from its bytes, and they are few")
    func bytes() throws {
        for count in [0, 1, 5_000] {
            let histogram = self.histogram(self.durations(count, seed: 13))
            #expect(try LatencyHistogram(bytes: histogram.bytes) == histogram)
            #expect(histogram.bytes.count < 20 + 4 * count && histogram.bytes.count < 5_000)
        }
        #expect(LatencyHistogram().bytes.count == 9)
    }

    @Test("no bytes but a histogram's are read: cut, of another version, or senseless")
    func refusedBytes() {
        let empty = LatencyHistogram().bytes
        let two = self.histogram([5, 90]).bytes
        var maximumInEmptyBucket = two
        maximumInEmptyBucket[8] = 91
        let tooMany: [UInt8] = [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
        let others: [[UInt8]] = [
            [], [2] + empty.dropFirst(), [1, 4] + empty.dropFirst(2), [1, 0] + empty.dropFirst(2), empty + [0, 0],
            empty + [0xff, 0x7f, 1], Array(empty.prefix(7)) + [1, 0], empty + tooMany, maximumInEmptyBucket,
        ]
        for bad in others {
            #expect(throws: MartletError.self) { try LatencyHistogram(bytes: bad) }
        }
        for length in 0..<two.count {
            #expect(throws: MartletError.self) { try LatencyHistogram(bytes: Array(two.prefix(length))) }
        }
    }

    @Test("layouts that no histogram has are refused", arguments: [(0, 1), (4, 1), (2, 0), (2, 86_400_000_001)])
    func refusedLayouts(digits: Int, highest: UInt64) {
        #expect(throws: MartletError.self) { try LatencyLayout(digits: digits, highest: highest) }
    }
}
