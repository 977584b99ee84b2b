package import MartletCore

/// How many subjects each arm got while shares stayed as they were.
package struct SampleCounts: Sendable, Equatable {
    package let subjects: [UInt64]
    package let shares: [Double]

    /// - Parameters:
    ///   - subjects: New ones of each arm, each counted once.
    ///   - weights: What each arm should get, in any unit; 0 for an arm that should get none.
    package init(subjects: [UInt64], weights: [UInt64]) throws(MartletError) {
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        guard subjects.count == weights.count, sum > 0 else {
            throw .invalid("each arm needs a number of subjects and a weight, and some weight must be more than 0")
        }
        self.subjects = subjects
        self.shares = weights.map { Double($0) / sum }
    }
}

/// Whether arms get the shares of subjects that they should; valid at any time.
///
/// An arm that gets more or fewer than it should has lost some on the way (it crashed, or was slow, or the router is
/// wrong), and those who are left cannot be compared. Against the intended shares θ, the evidence is the ratio of
/// likelihoods with a Dirichlet mixture around θ: Γ(κ)/Γ(κ+n) · Π Γ(κθ_i + n_i) / (Γ(κθ_i) θ_i^n_i), a martingale if
/// every subject's arm is drawn with θ (Lindon and Malek, "Anytime-valid inference for multinomial count data", NeurIPS
/// 2022). By Ville's inequality it reaches 1/α with probability α at most, ever.
///
/// When shares change, each period has its martingale, and their product is the evidence: it starts each period where
/// the last one ended. **Assumes** independent subjects, so count subjects, not their requests.
package struct SampleRatioTest: Sendable {
    /// At most so often, looking as often as one likes, an alarm is false.
    package let alpha: Double
    /// Subjects of a period at which it sees the smallest deviations.
    package let tightestAt: Double

    package init(alpha: Double = 0.001, tightestAt: Double = 10_000) {
        precondition(0 < alpha && alpha < 1 && tightestAt > 0, "no such error rate or number of subjects")
        self.alpha = alpha
        self.tightestAt = tightestAt
    }

    /// The smallest alpha at which the shares would be refuted; the least one ever seen is valid as well.
    package func pValue(_ periods: [SampleCounts]) -> Double {
        Elementary.exp(-max(0, periods.reduce(0) { $0 + self.logEvidence($1) }))
    }

    private func logEvidence(_ period: SampleCounts) -> Double {
        let arms = zip(period.subjects, period.shares).map { (count: Double($0), share: $1) }
        guard arms.allSatisfy({ $0.share > 0 || $0.count == 0 }) else { return .infinity }
        let possible = arms.filter { $0.share > 0 }
        guard possible.count > 1 else { return 0 }
        let strength = MixtureTuning.strength(
            tightestAt: self.tightestAt,
            alpha: self.alpha,
            dimensions: Double(possible.count - 1)
        )
        let all = possible.reduce(0) { $0 + $1.count }
        return possible.reduce(-Elementary.logRising(strength, all)) { evidence, arm in
            evidence + Elementary.logRising(strength * arm.share, arm.count) - arm.count * Elementary.log(arm.share)
        }
    }
}
