/// Evidence, valid at any time, against values of a difference between two means.
///
/// Its confidence sequence, its p-values and its one-sided claims are all read off ``logEvidence(against:)``, so they
/// never contradict each other, and all of them hold together: the difference is in the interval at every time at once,
/// with probability 1 - alpha.
package protocol DifferenceEvidence: Sendable {
    /// What values the difference can have.
    var domain: ClosedRange<Double> { get }
    /// The difference of the means that were observed.
    var estimate: Double { get }
    /// Returns the logarithm of what reaches 1/α with probability α at most, ever, if `difference` is the true one.
    ///
    /// It falls towards ``estimate`` from both sides.
    func logEvidence(against difference: Double) -> Double
    /// Returns the differences against which the evidence is less than 1/`alpha`.
    func interval(alpha: Double) -> ConfidenceInterval
}

extension DifferenceEvidence {
    package func interval(alpha: Double) -> ConfidenceInterval {
        let threshold = Elementary.log(1 / alpha)
        return ConfidenceInterval(
            lower: self.end(from: self.domain.lowerBound, threshold),
            upper: self.end(from: self.domain.upperBound, threshold)
        )
    }

    /// The smallest alpha at which `difference` is refuted; valid at any time, and so is the least one ever seen.
    package func pValue(against difference: Double) -> Double {
        Elementary.exp(-max(0, self.logEvidence(against: difference)))
    }

    /// Bisects between a refuted difference and the estimate; errs on the refuted side.
    private func end(from limit: Double, _ threshold: Double) -> Double {
        var (refuted, possible) = (limit, self.estimate)
        guard self.logEvidence(against: limit) >= threshold else { return limit }
        for _ in 0..<100 {
            let middle = refuted + (possible - refuted) / 2
            guard middle != refuted, middle != possible, abs(possible - refuted) > 1e-12 * abs(limit) else { break }
            if self.logEvidence(against: middle) >= threshold { refuted = middle } else { possible = middle }
        }
        return refuted
    }
}
