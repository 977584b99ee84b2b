import MartletCore
import MartletSearch
import MartletSQL

/// A few runs among which all that a search can find must be.
///
/// To sort them is cheaper than to walk over all runs in order, of which hardly any may meet the condition.
struct RunShortlist {
    /// Sorting so many runs costs about as much as answering with a full page.
    private static let runsMax = 1_000

    /// A table `f` with a `run_key`.
    let source: SQL
    let condition: SQL
    /// Whether the condition leaves no run of other experiments than those that are searched.
    let isOfExperiments: Bool

    /// Returns the shortlist of the first condition that has one.
    static func find(for query: RunQuery, on db: any Connection) throws(MartletError) -> RunShortlist? {
        for condition in query.conditions {
            if let shortlist = self.candidate(condition, query), try shortlist.isShort(on: db) { return shortlist }
        }
        return nil
    }

    /// What an index finds for a condition.
    private static func candidate(_ condition: RunCondition, _ query: RunQuery) -> RunShortlist? {
        switch condition {
        case .metric(let key, let number) where number.comparator != .differs:
            let experiments = query.experiments.map(\.rawValue)
            let metrics: SQL = "f.experiment_id \(isAnyOf: experiments) AND f.key = \(key) AND f.is_nan = 0"
            return RunShortlist(
                source: "metric f",
                condition: "\(metrics) AND \(number.condition(on: "f.value"))",
                isOfExperiments: true
            )
        case .text(.id, let text) where text.isExact:
            return RunShortlist(
                source: "run f",
                condition: text.condition(on: "f.run_id"),
                isOfExperiments: false
            )
        default:
            return nil
        }
    }

    /// Counts, but not further than it must.
    private func isShort(on db: any Connection) throws(MartletError) -> Bool {
        let some: SQL = "SELECT 1 FROM \(self.source) WHERE \(self.condition) LIMIT \(Self.runsMax + 1)"
        return try db.query("SELECT count(*) FROM (\(some)) counted")[0].integer(0) <= Self.runsMax
    }
}

extension TextCondition {
    /// Whether it names the texts that meet it.
    fileprivate var isExact: Bool {
        switch self {
        case .equals, .oneOf: true
        case .differs, .like, .caseInsensitiveLike, .noneOf: false
        }
    }
}
