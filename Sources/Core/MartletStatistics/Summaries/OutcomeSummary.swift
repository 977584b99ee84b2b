package import MartletCore

/// All that is kept of a metric's outcomes in one arm: enough to compare means, in 41 bytes at most.
///
/// Those of several servers, or of several hours, are added up by ``merge(_:)`` in any order; only the last bits of the
/// sums depend on it.
package struct OutcomeSummary: Sendable, Equatable {
    package private(set) var count: UInt64 = 0
    /// Exact while outcomes are whole numbers, as those of 0 and 1 are.
    package private(set) var sum = 0.0
    /// The sum of the squares of (outcome - mean).
    package private(set) var squaredDeviations = 0.0
    /// 0 without outcomes, as is ``maximum``.
    package private(set) var minimum = 0.0
    package private(set) var maximum = 0.0

    package init() {}

    /// Adds up outcomes of which the sums are known: so many of 1, and all others 0.
    package init(successes: UInt64, of count: UInt64) {
        precondition(successes <= count, "more successes than trials")
        guard count > 0 else { return }
        self.count = count
        self.sum = Double(successes)
        self.squaredDeviations = Double(successes) * (Double(count - successes) / Double(count))
        self.minimum = successes == count ? 1 : 0
        self.maximum = successes == 0 ? 0 : 1
    }

    package var mean: Double { self.count == 0 ? 0 : self.sum / Double(self.count) }

    /// The unbiased estimate of the outcomes' variance; 0 if there are fewer than two.
    package var variance: Double { self.count < 2 ? 0 : self.squaredDeviations / Double(self.count - 1) }

    /// Adds one outcome (Welford, "Note on a method for calculating corrected sums of squares and products",
    /// Technometrics 4, 1962).
    package mutating func record(_ outcome: Double) throws(MartletError) {
        guard outcome.isFinite, abs(outcome) <= Limits.outcomeMagnitude else {
            throw .invalid("an outcome must be a number up to \(Limits.outcomeMagnitude), not \(outcome)")
        }
        let before = self.mean
        self.minimum = self.count == 0 ? outcome : min(self.minimum, outcome)
        self.maximum = self.count == 0 ? outcome : max(self.maximum, outcome)
        self.count += 1
        self.sum += outcome
        self.squaredDeviations += (outcome - before) * (outcome - self.mean)
    }

    /// Adds the outcomes of another summary (Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for
    /// computing sample variances", 1979).
    package mutating func merge(_ other: OutcomeSummary) {
        guard self.count > 0 else { return self = other }
        guard other.count > 0 else { return }
        let (ours, theirs) = (Double(self.count), Double(other.count))
        let distance = other.mean - self.mean
        self.squaredDeviations += other.squaredDeviations + distance * distance * (ours * theirs / (ours + theirs))
        self.count += other.count
        self.sum += other.sum
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)
    }
}

extension OutcomeSummary {
    private static let version: UInt8 = 1

    /// Reads what ``bytes`` wrote, and nothing else.
    package init(bytes: [UInt8]) throws(MartletError) {
        var reader = try SummaryReader(bytes, of: "a summary of outcomes", version: Self.version)
        self.count = try reader.count()
        if self.count > 0 {
            self.sum = try reader.number()
            self.squaredDeviations = try reader.number()
            self.minimum = try reader.number()
            self.maximum = try reader.number()
        }
        try reader.finish()
        // Rounding may put the mean of equal outcomes a little outside.
        let slack = 1e-9 * max(abs(self.minimum), abs(self.maximum))
        guard self.count <= Limits.summaryCount, self.squaredDeviations >= 0, self.minimum <= self.maximum,
            max(abs(self.minimum), abs(self.maximum)) <= Limits.outcomeMagnitude,
            self.minimum - slack <= self.mean, self.mean <= self.maximum + slack
        else { throw reader.malformed }
    }

    /// A version, the number of outcomes and four numbers: docs/experiments-statistics.md.
    package var bytes: [UInt8] {
        var writer = SummaryWriter(version: Self.version)
        writer.write(self.count)
        if self.count > 0 {
            for number in [self.sum, self.squaredDeviations, self.minimum, self.maximum] { writer.write(number) }
        }
        return writer.bytes
    }
}
