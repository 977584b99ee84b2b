package import MartletCore

/// The greatest distance between the distribution functions of two samples of numbers, and how surprising it is.
///
/// The p-value is that of Kolmogorov's limit distribution at √(nm/(n+m)) · distance (Kolmogorov 1933; Smirnov, "Table
/// for estimating the goodness of fit of empirical distributions", Annals of Mathematical Statistics 19, 1948). It is
/// close from some dozens of values on, and errs towards 1; also for values that repeat. It is for one look, and not
/// for looking until it is small.
package struct KolmogorovSmirnov: Sendable, Equatable {
    /// Between 0 and 1.
    package let distance: Double
    package let pValue: Double

    /// Compares at the ends of bins only: the distance can be smaller than that of all values, and the p-value greater,
    /// never the other way round. Missing values do not count.
    ///
    /// Returns `nil` for categories, which have no order, and as long as one side has no numbers.
    package init?(_ bins: FeatureBins, reference: BinCounts, now: BinCounts) throws(MartletError) {
        guard reference.counts.count == bins.count, now.counts.count == bins.count else {
            throw .invalid("these counts are not of these bins")
        }
        guard case .numbers = bins.kind else { return nil }
        let (first, second) = (reference.counts.dropLast(), now.counts.dropLast())
        let totals = (Double(first.reduce(0, +)), Double(second.reduce(0, +)))
        guard totals.0 > 0, totals.1 > 0 else { return nil }
        var (before, after, distance) = (0.0, 0.0, 0.0)
        for (one, other) in zip(first, second) {
            before += Double(one)
            after += Double(other)
            distance = max(distance, abs(before / totals.0 - after / totals.1))
        }
        self.init(distance: distance, totals.0, totals.1)
    }

    private init(distance: Double, _ first: Double, _ second: Double) {
        self.distance = distance
        // As n · (m / (n + m)), which does not overflow.
        self.pValue = Self.exceedance((first * (second / (first + second))).squareRoot() * distance)
    }

    /// Returns the probability that Kolmogorov's limit variable exceeds `x`.
    static func exceedance(_ x: Double) -> Double {
        guard x > 0.04 else { return 1 }
        // Two series for the same function (a theta function): each converges within a few terms on its side.
        if x < 1 {
            let exponent = -Double.pi * Double.pi / (8 * x * x)
            let sum = stride(from: 1.0, through: 9, by: 2).reduce(0) { $0 + Elementary.exp(exponent * $1 * $1) }
            return max(0, 1 - (2 * Double.pi).squareRoot() / x * sum)
        }
        let sum = (1...10).reduce(0.0) { sum, term in
            let k = Double(term)
            return sum + (term.isMultiple(of: 2) ? -1 : 1) * Elementary.exp(-2 * k * k * x * x)
        }
        return min(1, 2 * sum)
    }
}
