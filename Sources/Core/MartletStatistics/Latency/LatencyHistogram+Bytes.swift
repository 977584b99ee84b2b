package import MartletCore

extension LatencyHistogram {
    private static let version: UInt8 = 1

    /// Reads what ``bytes`` wrote, and nothing else.
    package init(bytes: [UInt8]) throws(MartletError) {
        var reader = try SummaryReader(bytes, of: "a histogram of durations", version: Self.version)
        let digits = try reader.count(atMost: 3)
        let highest = try reader.count()
        guard digits > 0, (1...Limits.latencyMicroseconds).contains(highest) else { throw reader.malformed }
        let layout = try LatencyLayout(digits: digits, highest: highest)
        let (sum, maximum) = (try reader.count(), try reader.count())
        var counts = [UInt64](repeating: 0, count: layout.bucketCount)
        var (next, total): (Int, UInt64) = (0, 0)
        while !reader.isAtEnd {
            let bucket = next + (try reader.count(atMost: counts.count))
            let count = try reader.count()
            guard bucket < counts.count, (1...Limits.summaryCount).contains(count) else { throw reader.malformed }
            counts[bucket] = count
            (next, total) = (bucket + 1, total + count)
            guard total <= Limits.summaryCount else { throw reader.malformed }
        }
        // The longest duration is in the last bucket that has any.
        guard next == 0 ? maximum == 0 && sum == 0 : layout.bucket(of: maximum) == next - 1, sum >= maximum else {
            throw reader.malformed
        }
        self.init(layout, counts: counts, sum: sum, maximum: maximum)
    }

    /// A version, the layout, sum and maximum, and then only the buckets that have something, each with the number of
    /// empty ones before it: docs/experiments-statistics.md.
    package var bytes: [UInt8] {
        var writer = SummaryWriter(version: Self.version)
        for number in [UInt64(self.layout.digits), self.layout.highest, self.sum, self.maximum] { writer.write(number) }
        var next = 0
        for (bucket, count) in self.counts.enumerated() where count > 0 {
            writer.write(UInt64(bucket - next))
            writer.write(count)
            next = bucket + 1
        }
        return writer.bytes
    }
}
