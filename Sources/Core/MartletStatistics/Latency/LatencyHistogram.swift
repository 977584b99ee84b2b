/// How long things took, as counts in buckets whose width grows with the value, so that quantiles are right to a stated
/// number of digits.
///
/// The layout is that of HdrHistogram (Gil Tene, `https://hdrhistogram.org`): values below 2^m have buckets of width 1,
/// those in the next power of two half as many buckets of width 2, and so on, where 2^m is the first power of two that
/// is not below 2 · 10^digits. Recording finds its bucket with one count of leading zeros and a shift, and allocates
/// nothing.
package struct LatencyHistogram: Sendable, Equatable {
    package let layout: LatencyLayout
    private(set) var counts: [UInt64]
    /// How many durations were recorded.
    package private(set) var count: UInt64 = 0
    /// In microseconds; stays at the greatest number that there is.
    package private(set) var sum: UInt64 = 0
    /// The longest duration in microseconds, exactly.
    package private(set) var maximum: UInt64 = 0

    package init(_ layout: LatencyLayout = .standard) {
        self.layout = layout
        self.counts = [UInt64](repeating: 0, count: layout.bucketCount)
    }

    /// Adds durations of so many microseconds; those beyond the layout's highest are counted as that.
    package mutating func record(_ microseconds: UInt64, count: UInt64 = 1) {
        self.counts[self.layout.bucket(of: microseconds)] += count
        self.count += count
        let (product, overflow) = microseconds.multipliedReportingOverflow(by: count)
        self.addToSum(overflow ? .max : product)
        if count > 0 { self.maximum = max(self.maximum, microseconds) }
    }

    /// Adds the durations of another histogram, which may have another layout.
    package mutating func merge(_ other: LatencyHistogram) {
        for (bucket, count) in other.counts.enumerated() where count > 0 {
            self.counts[self.layout.bucket(of: other.layout.values(of: bucket).upperBound)] += count
        }
        self.count += other.count
        self.addToSum(other.sum)
        self.maximum = max(self.maximum, other.maximum)
    }

    /// Returns the smallest duration, in microseconds, that at least the part `quantile` of all durations do not
    /// exceed; `nil` if none was recorded.
    ///
    /// It is the highest of its bucket, so it is too large by less than the layout's error, and never too small.
    package func quantile(_ quantile: Double) -> UInt64? {
        guard self.count > 0 else { return nil }
        let rank = (min(max(quantile, 0), 1) * Double(self.count)).rounded(.up)
        let needed = min(max(1, UInt64(rank)), self.count)
        var seen: UInt64 = 0
        for (bucket, count) in self.counts.enumerated() where count > 0 {
            seen += count
            if seen >= needed { return min(self.layout.values(of: bucket).upperBound, self.maximum) }
        }
        return self.maximum
    }

    private mutating func addToSum(_ microseconds: UInt64) {
        let (sum, overflow) = self.sum.addingReportingOverflow(microseconds)
        self.sum = overflow ? .max : sum
    }

    init(_ layout: LatencyLayout, counts: [UInt64], sum: UInt64, maximum: UInt64) {
        self.layout = layout
        self.counts = counts
        self.count = counts.reduce(0, +)
        self.sum = sum
        self.maximum = maximum
    }
}
