package import MartletCore

/// How many values fell into each of a feature's bins.
///
/// Those of several servers, or of several hours, are added up by ``merge(_:)`` in any order.
package struct BinCounts: Sendable, Equatable {
    package private(set) var counts: [UInt64]

    /// Starts with none.
    package init(_ bins: FeatureBins) {
        self.counts = [UInt64](repeating: 0, count: bins.count)
    }

    /// Takes counts that somebody else has made, one for each bin.
    package init(_ bins: FeatureBins, counts: [UInt64]) throws(MartletError) {
        let isValid =
            counts.count == bins.count && counts.allSatisfy { $0 <= Limits.summaryCount / UInt64(counts.count) }
        guard isValid else { throw .invalid("there are \(bins.count) bins, each with a count") }
        self.counts = counts
    }

    /// How many values there are.
    package var total: UInt64 { self.counts.reduce(0, +) }

    /// Adds one value, of which ``FeatureBins`` says the bin.
    package mutating func record(_ bin: Int) {
        self.counts[bin] += 1
    }

    /// Adds the values of another server or hour; both must have the same bins.
    package mutating func merge(_ other: BinCounts) throws(MartletError) {
        guard self.counts.count == other.counts.count else {
            throw .invalid("counts of \(self.counts.count) bins and of \(other.counts.count) cannot be added")
        }
        for (bin, count) in other.counts.enumerated() { self.counts[bin] += count }
    }
}

extension BinCounts {
    private static let version: UInt8 = 1

    /// Reads what ``bytes`` wrote, and nothing else.
    package init(bytes: [UInt8]) throws(MartletError) {
        var reader = try SummaryReader(bytes, of: "counts in bins", version: Self.version)
        let bins = try reader.count(atMost: Limits.driftBins + 2)
        guard bins > 1 else { throw reader.malformed }
        self.counts = []
        var total: UInt64 = 0
        for _ in 0..<bins {
            let count = try reader.count()
            guard count <= Limits.summaryCount else { throw reader.malformed }
            total += count
            self.counts.append(count)
        }
        guard total <= Limits.summaryCount else { throw reader.malformed }
        try reader.finish()
    }

    /// A version, how many bins, and the count of each: docs/experiments-statistics.md.
    package var bytes: [UInt8] {
        var writer = SummaryWriter(version: Self.version)
        writer.write(UInt64(self.counts.count))
        for count in self.counts { writer.write(count) }
        return writer.bytes
    }
}
