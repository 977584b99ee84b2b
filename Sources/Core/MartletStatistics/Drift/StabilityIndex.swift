package import MartletCore

/// The population stability index: how far the distribution of what is seen now has moved from a reference.
///
/// It is Σ (p - q) ln(p/q) over bins, with p and q the parts of now and of the reference (Siddiqi, "Credit Risk
/// Scorecards", 2006; the sum of both Kullback–Leibler divergences). Under 0.1 is usually taken for no change that
/// matters, over 0.2 for one that does. Each part counts half a value more than there is, (n + ½) / (N + bins/2), so
/// that a bin that is empty on one side is a finite surprise, and a small one with few values.
package struct StabilityIndex: Sendable, Equatable {
    package let value: Double
    /// What the value would be on average if nothing had moved, because samples are finite: (bins - 1) (1/N + 1/M),
    /// with N and M values (Yurdakul, "Statistical properties of population stability index", 2018).
    ///
    /// A value near it says nothing, whatever the usual bounds say.
    package let expectedWithoutDrift: Double

    /// Returns `nil` as long as one side has no values.
    package init?(reference: BinCounts, now: BinCounts) throws(MartletError) {
        guard reference.counts.count == now.counts.count else {
            throw .invalid("counts of \(reference.counts.count) bins and of \(now.counts.count) cannot be compared")
        }
        // Bins that are empty on both sides, such as that of missing values, are none.
        let bins = zip(reference.counts, now.counts).filter { $0 > 0 || $1 > 0 }
        let (referenceTotal, nowTotal) = (Double(reference.total), Double(now.total))
        guard referenceTotal > 0, nowTotal > 0 else { return nil }
        let extra = Double(bins.count) / 2
        self.value = bins.reduce(0) { sum, bin in
            let before = (Double(bin.0) + 0.5) / (referenceTotal + extra)
            let after = (Double(bin.1) + 0.5) / (nowTotal + extra)
            return sum + (after - before) * Elementary.log(after / before)
        }
        self.expectedWithoutDrift = Double(bins.count - 1) * (1 / referenceTotal + 1 / nowTotal)
    }
}
