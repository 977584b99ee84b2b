import MartletCore
import MartletSQL
import MartletStatistics

/// What one write adds to the sums of an experiment.
///
/// Sums are read and written again, so the write must have the deployment's outcomes to itself.
struct ExperimentSums {
    struct SumPlace: Hashable {
        let arm: Int
        let metric: String
    }

    struct CountPlace: Hashable {
        let revision: Int64
        let arm: Int
    }

    private var summaries: [SumPlace: OutcomeSummary] = [:]
    private var counts: [CountPlace: Int64] = [:]

    /// Adds one unit that was not there before.
    mutating func count(arm: Int, revision: Int64) {
        self.counts[CountPlace(revision: revision, arm: arm), default: 0] += 1
    }

    mutating func add(_ value: Double, of metric: String, arm: Int) throws(MartletError) {
        try self.summaries[SumPlace(arm: arm, metric: metric), default: OutcomeSummary()].record(value)
    }

    func write(to key: Int64, on db: any Connection) throws(MartletError) {
        for (place, count) in self.counts { try db.execute(ExperimentQueries.add(count, to: place, of: key)) }
        for (place, addition) in self.summaries {
            var summary = OutcomeSummary()
            if let row = try db.queryOne(ExperimentQueries.summary(of: place, in: key)) {
                summary = try OutcomeSummary(bytes: row.bytes(0))
            }
            summary.merge(addition)
            try db.execute(ExperimentQueries.set(summary, at: place, of: key))
        }
    }
}
