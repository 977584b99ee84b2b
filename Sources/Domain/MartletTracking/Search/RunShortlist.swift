import MartletCore
import MartletSearch
import MartletSQL

/// A few runs among which all that a search can find must be.
///
/// To sort them is cheaper than to walk over all runs in order, of which hardly any may meet the condition.
struct RunShortlist: Sendable {
    /// Sorting so many runs costs about as much as answering with a full page.
    private static let runsMax: Int64 = 1_000

    /// A table `f` with a `run_key`.
    let source: SQL
    let condition: SQL
    /// Whether the condition leaves no run of other experiments than those that are searched.
    let isOfExperiments: Bool

    /// Returns the shortest shortlist that a condition has, and a query without that condition.
    static func find(
        for query: RunQuery,
        on db: any Connection
    ) throws(MartletError) -> (shortlist: RunShortlist, rest: RunQuery)? {
        var best: (shortlist: RunShortlist, index: Int, count: Int64)?
        for (index, shortlist) in self.candidates(query) {
            let bound = best?.count ?? Self.runsMax + 1
            let count = try shortlist.count(upTo: bound, on: db)
            guard count < bound else { continue }
            best = (shortlist, index, count)
            // No other could save more than finding out costs.
            if count <= query.limit { break }
        }
        guard let best else { return nil }
        var rest = query
        rest.conditions.remove(at: best.index)
        return (best.shortlist, rest)
    }

    /// Those of equality first, which leaves fewer than a range.
    private static func candidates(_ query: RunQuery) -> [(index: Int, shortlist: RunShortlist)] {
        let all = query.conditions.enumerated().compactMap { index, condition in
            self.candidate(condition, query).map { (index: index, shortlist: $0) }
        }
        return all.filter { !$0.shortlist.isOfExperiments } + all.filter(\.shortlist.isOfExperiments)
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
        case .param(let key, .equals(let value)):
            return RunShortlist(
                source: "param f",
                condition: "f.key = \(key) AND \(Self.isIndexed(value))",
                isOfExperiments: false
            )
        case .tag("mlflow.parentRunId", .equals(let parent)):
            return RunShortlist(
                source: "run_tag f",
                // Spelt out, as the index spells it.
                condition: "f.key = 'mlflow.parentRunId' AND \(Self.isIndexed(parent))",
                isOfExperiments: false
            )
        default:
            return nil
        }
    }

    /// What an index over the beginnings of values finds.
    private static func isIndexed(_ value: String) -> SQL {
        // With the plus: SQLite would put the value in the column's place, also where the index is to be seen.
        let column: SQL = .dialect(sqlite: "+f.value", postgres: "f.value")
        return "substr(f.value, 1, 64) = substr(\(value), 1, 64) AND \(column) = \(value)"
    }

    /// Counts, but not further than `limit`.
    private func count(upTo limit: Int64, on db: any Connection) throws(MartletError) -> Int64 {
        let some: SQL = "SELECT 1 FROM \(self.source) WHERE \(self.condition) LIMIT \(limit)"
        return try db.query("SELECT count(*) FROM (\(some)) counted")[0].integer(0)
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
