/// Evidence, valid at any time, against values of the mean of outcomes between 0 and 1.
///
/// Against the mean m it is the ratio of likelihoods M = ∫ q^S (1-q)^F dBeta(q; κm, κ(1-m)) / (m^S (1-m)^F), where S is
/// the sum of the outcomes and F that of (1 - outcome): Robbins' beta-binomial mixture (Howard, Ramdas, McAuliffe and
/// Sekhon 2021, on conjugate mixtures; Robbins, "Statistical methods related to the law of the iterated
/// logarithm", 1970).
///
/// **Promise.** If every outcome has the mean m given all that came before, the probability that M ever reaches 1/α is
/// at most α, exactly and from the first outcome on. *Proof:* for each q the factor of an outcome y is (q/m)^y
/// ((1-q)/(1-m))^(1-y), which is convex in y and therefore at most the straight line between its values at 0 and 1; the
/// line has the mean 1. So M is a nonnegative supermartingale that starts at 1, and Ville's inequality applies. For
/// outcomes of 0 and 1 it is a martingale and loses nothing; for others it is the wider the smaller their variance is
/// beside m (1 - m).
///
/// **Shape.** ln M is convex in m: for whole S and F it is a sum of terms ln(κ + j/m) and ln(κ + j/(1-m)) and a
/// constant; between whole numbers, but not below 1, the same follows because ψ' is convex. So what is not refuted is
/// an interval, and bisection finds its ends.
package struct BinomialMixture: Sendable {
    /// κ of ``MixtureTuning``.
    let strength: Double

    /// - Parameters:
    ///   - tightestAt: The number of outcomes at which its confidence sequence is as narrow as it can be.
    ///   - alpha: For that error rate; others hold as well.
    ///   - arms: How many such martingales are multiplied.
    package init(tightestAt: Double, alpha: Double, arms: Int = 1) {
        self.strength = MixtureTuning.strength(tightestAt: tightestAt, alpha: alpha, dimensions: Double(arms))
    }

    /// Returns ln M against `mean`, which is between 0 and 1.
    package func logEvidence(_ outcomes: UnitOutcomes, against mean: Double) -> Double {
        let (successes, failures) = (outcomes.successes, outcomes.failures)
        // Below one whole outcome the shape is not proved. Seeing no evidence there breaks no promise.
        guard successes == 0 || successes >= 1, failures == 0 || failures >= 1 else { return 0 }
        guard mean > 0 else { return successes > 0 ? .infinity : 0 }
        guard mean < 1 else { return failures > 0 ? .infinity : 0 }
        return Elementary.logRising(self.strength * mean, successes)
            + Elementary.logRising(self.strength * (1 - mean), failures)
            - Elementary.logRising(self.strength, successes + failures)
            - (successes == 0 ? 0 : successes * Elementary.log(mean))
            - (failures == 0 ? 0 : failures * Elementary.log(1 - mean))
    }
}

/// Outcomes, scaled to lie between 0 and 1.
package struct UnitOutcomes: Sendable {
    /// The sum of the outcomes.
    package let successes: Double
    /// The sum of (1 - outcome).
    package let failures: Double

    package init(_ summary: OutcomeSummary, in range: ClosedRange<Double>) {
        let count = Double(summary.count)
        let span = range.upperBound - range.lowerBound
        // The mean of outcomes at an end of the range can be rounded to beyond it.
        self.successes = min(max(0, (summary.sum - count * range.lowerBound) / span), count)
        self.failures = count - self.successes
    }

    package var count: Double { self.successes + self.failures }
    package var mean: Double { self.count == 0 ? 0.5 : self.successes / self.count }
}
