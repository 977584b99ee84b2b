/// What a value is between, according to a confidence sequence.
package struct ConfidenceInterval: Sendable, Equatable {
    package let lower: Double
    package let upper: Double

    package init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// What both intervals contain, or `nil` if nothing.
    ///
    /// All intervals of a confidence sequence hold together, so the value is in the intersection of those that were
    /// ever seen. If that is empty, what was assumed does not hold: say, the value has changed.
    package func intersection(_ other: ConfidenceInterval) -> ConfidenceInterval? {
        let (lower, upper) = (max(self.lower, other.lower), min(self.upper, other.upper))
        return lower <= upper ? ConfidenceInterval(lower: lower, upper: upper) : nil
    }
}
