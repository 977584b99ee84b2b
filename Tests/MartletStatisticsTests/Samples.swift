import MartletStatistics

/// References made of samples, as training code makes them (docs/drift.md).
extension FeatureBins {
    /// Cuts at the quantiles of a sample of different numbers.
    init(quantilesOf sample: [Double], bins: Int = 10) throws {
        let sorted = sample.sorted()
        try self.init(.numbers(cuts: (1..<bins).map { sorted[$0 * sorted.count / bins - 1] }))
    }

    /// A bin for each number that there is: nothing is lost by them.
    init(allOf samples: [Double]...) throws {
        try self.init(.numbers(cuts: Set(samples.joined()).sorted()))
    }
}

extension BinCounts {
    init(_ bins: FeatureBins, _ sample: some Sequence<Double>) {
        self.init(bins)
        for value in sample { self.record(bins.bin(of: value)) }
    }
}
