/// Evidence against differences between two means of outcomes that lie in a known range; exact.
///
/// With the martingales A(a) and B(b) of ``BinomialMixture``, one for each arm, A(a) B(b) is one too, in whatever order
/// and proportion the arms get their outcomes: at each time only one factor changes. So {(a, b): A(a) B(b) < 1/α}
/// always contains both true means with probability 1 - α, and the differences b - a of its points contain the true
/// difference (the projection of a confidence sequence; so do Turner and Grünwald, "Exact anytime-valid confidence
/// intervals for contingency tables and beyond", Statistics and Probability Letters 198, 2023, with other e-variables).
/// The evidence against a difference d is the least A(a) B(a + d). Being the least of a convex function along lines, it
/// is convex.
///
/// The product is a weighted mean of two: nine tenths for the differences that can be seen after the expected number of
/// outcomes, and one for the large ones that show at a fiftieth of it. This costs 3 % of outcomes where it is tightest,
/// and a disaster need not wait. A mean of martingales is one, and the logarithm of a sum of exponentials is convex.
///
/// **Assumes** that the mean of an arm's next outcome, given all before, does not change; not that outcomes are
/// independent between arms, nor how arms are chosen. Outcomes of one subject depend on each other: count one a
/// subject.
package struct BoundedDifference: DifferenceEvidence {
    private let baseline: UnitOutcomes
    private let challenger: UnitOutcomes
    private let expected: BinomialMixture
    private let early: BinomialMixture
    private let range: ClosedRange<Double>

    private static let logWeight = (expected: Elementary.log(0.9), early: Elementary.log(0.1))

    /// - Parameter tightestAt: Outcomes of each arm; see ``MixtureTuning``.
    package init(
        from baseline: OutcomeSummary,
        to challenger: OutcomeSummary,
        in range: ClosedRange<Double>,
        alpha: Double,
        tightestAt: Double
    ) {
        self.baseline = UnitOutcomes(baseline, in: range)
        self.challenger = UnitOutcomes(challenger, in: range)
        self.expected = BinomialMixture(tightestAt: tightestAt, alpha: alpha, arms: 2)
        self.early = BinomialMixture(tightestAt: tightestAt / 50, alpha: alpha, arms: 2)
        self.range = range
    }

    private var span: Double { self.range.upperBound - self.range.lowerBound }
    package var domain: ClosedRange<Double> { -self.span...self.span }
    package var estimate: Double { (self.challenger.mean - self.baseline.mean) * self.span }

    package func logEvidence(against difference: Double) -> Double {
        let difference = difference / self.span
        return Self.least(from: max(0, -difference), to: min(1, 1 - difference)) { mean in
            self.logUnitEvidence(mean, min(max(0, mean + difference), 1))
        }
    }

    /// Returns the logarithm of A(a) B(b), which is no less than the evidence against their difference.
    package func logEvidence(against baseline: Double, _ challenger: Double) -> Double {
        self.logUnitEvidence(
            (baseline - self.range.lowerBound) / self.span,
            (challenger - self.range.lowerBound) / self.span
        )
    }

    private func logUnitEvidence(_ baseline: Double, _ challenger: Double) -> Double {
        let (expected, early) = (
            self.expected.logEvidence(self.baseline, against: baseline)
                + self.expected.logEvidence(self.challenger, against: challenger) + Self.logWeight.expected,
            self.early.logEvidence(self.baseline, against: baseline)
                + self.early.logEvidence(self.challenger, against: challenger) + Self.logWeight.early
        )
        return Elementary.logSum(expected, early)
    }

    /// Returns the least value of a convex function, by golden sections.
    private static func least(from lower: Double, to upper: Double, _ function: (Double) -> Double) -> Double {
        let ratio = (5.0.squareRoot() - 1) / 2
        var (lower, upper) = (lower, upper)
        var (left, right) = (upper - ratio * (upper - lower), lower + ratio * (upper - lower))
        var (atLeft, atRight) = (function(left), function(right))
        for _ in 0..<60 where upper > lower {
            if atLeft <= atRight {
                (upper, right, atRight) = (right, left, atLeft)
                left = upper - ratio * (upper - lower)
                atLeft = function(left)
            } else {
                (lower, left, atLeft) = (left, right, atRight)
                right = lower + ratio * (upper - lower)
                atRight = function(right)
            }
        }
        return min(atLeft, atRight)
    }
}
