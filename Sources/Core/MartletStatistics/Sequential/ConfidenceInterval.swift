/// What a value is between, according to a confidence sequence.
package struct ConfidenceInterval: Sendable, Equatable {
    package let lower: Double
    package let upper: Double

    package init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }
}
