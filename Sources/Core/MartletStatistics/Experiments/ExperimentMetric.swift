package import MartletCore

/// What is measured of each subject, and what counts as better.
package struct ExperimentMetric: Sendable, Equatable {
    /// What is known of the values, which decides how they are compared.
    package enum Outcomes: Sendable, Equatable {
        /// Yes or no, kept as 1 and 0; compared exactly.
        case proportion
        /// Numbers in a range that none can leave; compared exactly.
        case bounded(ClosedRange<Double>)
        /// Any numbers; compared by a method that is valid only in the limit.
        case unbounded

        /// The range of the values, if it is known.
        var range: ClosedRange<Double>? {
            switch self {
            case .proportion: 0...1
            case .bounded(let range): range
            case .unbounded: nil
            }
        }
    }

    /// Which of two means is better.
    package enum Direction: Sendable, Equatable {
        case higherIsBetter, lowerIsBetter
    }

    package let name: String
    package let outcomes: Outcomes
    package let direction: Direction
    /// Of a goal: differences up to this do not matter. Of a guardrail: up to this much worse is accepted.
    package let margin: Double

    package init(
        _ name: String,
        _ outcomes: Outcomes,
        _ direction: Direction = .higherIsBetter,
        margin: Double = 0
    ) throws(MartletError) {
        guard margin >= 0, margin.isFinite else { throw .invalid("the margin of '\(name)' must not be negative") }
        if let range = outcomes.range {
            let isRange = range.lowerBound < range.upperBound
            guard isRange, max(abs(range.lowerBound), abs(range.upperBound)) <= Limits.outcomeMagnitude else {
                throw .invalid("the values of '\(name)' need a range that has a length")
            }
        }
        self.name = name
        self.outcomes = outcomes
        self.direction = direction
        self.margin = margin
    }

    /// Whether `summary` can be of this metric.
    package func accepts(_ summary: OutcomeSummary) -> Bool {
        guard summary.count > 0, let range = self.outcomes.range else { return true }
        return range.contains(summary.minimum) && range.contains(summary.maximum)
    }

    /// How much better the second value is than the first.
    func gain(_ difference: Double) -> Double {
        self.direction == .higherIsBetter ? difference : -difference
    }

    /// By how much the second arm is better, as an interval.
    func gain(_ interval: ConfidenceInterval) -> ConfidenceInterval {
        switch self.direction {
        case .higherIsBetter: interval
        case .lowerIsBetter: ConfidenceInterval(lower: -interval.upper, upper: -interval.lower)
        }
    }
}
