/// Evidence against differences between two means of outcomes without a known bound; valid in the limit only.
///
/// It is Robbins' normal mixture with estimated variances, an asymptotic confidence sequence (Waudby-Smith, Arbour,
/// Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences", Annals of
/// Statistics 52, 2024, on Gaussian mixtures and on experiments): exp(z²/2 · x/(1+x)) / √(1+x), where z is the distance
/// from the estimate in standard errors √(s²/n of one arm + s²/n of the other), and x the number of outcomes divided by
/// κ of ``MixtureTuning``.
///
/// **Promise.** As the first look is later, the probability of ever missing the true difference tends to alpha or less.
/// With few outcomes, or with rare and huge ones, it can be more; that is what a minimum sample is for. Nothing better
/// can be had without a bound (Bahadur and Savage 1956). **Assumes** independent outcomes with a finite variance, one a
/// subject, and arms that are chosen at random.
package struct UnboundedDifference: DifferenceEvidence {
    package let estimate: Double
    /// The square of the estimate's standard error.
    private let variance: Double
    private let information: Double

    /// - Parameter tightestAt: Outcomes of each arm; see ``MixtureTuning``.
    package init(from baseline: OutcomeSummary, to challenger: OutcomeSummary, alpha: Double, tightestAt: Double) {
        self.estimate = challenger.mean - baseline.mean
        let strength = MixtureTuning.strength(tightestAt: 2 * tightestAt, alpha: alpha, dimensions: 1)
        self.information = Double(baseline.count + challenger.count) / strength
        let canEstimate = min(baseline.count, challenger.count) >= 2
        self.variance =
            canEstimate
            ? baseline.variance / Double(baseline.count) + challenger.variance / Double(challenger.count) : .infinity
    }

    package var domain: ClosedRange<Double> { -Double.greatestFiniteMagnitude / 4...Double.greatestFiniteMagnitude / 4 }

    package func logEvidence(against difference: Double) -> Double {
        // Outcomes that are all the same say nothing about what others will be.
        guard self.variance > 0, self.variance.isFinite else { return 0 }
        let distance = difference - self.estimate
        let squaredZ = distance / self.variance.squareRoot() * (distance / self.variance.squareRoot())
        return squaredZ / 2 * self.information / (1 + self.information) - Elementary.log(1 + self.information) / 2
    }

    /// Solves ``logEvidence(against:)`` for the difference; a bisection of all numbers would be coarse.
    package func interval(alpha: Double) -> ConfidenceInterval {
        guard self.variance > 0, self.variance.isFinite else {
            return ConfidenceInterval(lower: -.infinity, upper: .infinity)
        }
        let logs = Elementary.log(1 / alpha) + Elementary.log(1 + self.information) / 2
        let halfWidth = (2 * logs * (1 + 1 / self.information) * self.variance).squareRoot()
        return ConfidenceInterval(lower: self.estimate - halfWidth, upper: self.estimate + halfWidth)
    }
}
