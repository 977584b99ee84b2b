package import MartletCore
import MartletSearch
package import MartletSQL

/// One ordered walk over runs. A search is a few of them, one after the other.
///
/// The database walks an index in the order that was asked for, probes each run for the conditions, and
/// stops when the page is full: the cost is the page's and that of the runs passed over, not that of
/// all runs.
package struct RunScan: Sendable {
    /// The tables to walk, the first of which sets the order.
    let source: SQL
    /// The column of the first table that has the run's key.
    let runKey: SQL
    /// Which experiments the rows of the first table are of; `nil` where another condition says so already.
    let experiments: SQL?
    let conditions: [SQL]
    let keyset: Keyset

    /// - Parameter position: Where in this scan to go on; `nil` for its beginning.
    package func statement(
        _ query: RunQuery,
        after position: [PageToken.Field]?,
        limit: Int
    ) throws(MartletError) -> SQL {
        let conditions =
            (self.experiments.map { [$0] } ?? []) + self.conditions
            + [query.visibility.condition(on: "r.deleted_ms")]
            + (try self.keyset.conditions(after: position))
            + query.conditions.sql(of: self.runKey)
        return """
            SELECT \(RunQueries.columns)\(self.keyset.columns) FROM \(self.source)
            WHERE \(conditions.joined(by: " AND ")) ORDER BY \(self.keyset.order) LIMIT \(limit)
            """
    }

    /// The same scan over only some runs, which are then sorted.
    ///
    /// Without the experiments if the list says so itself: PostgreSQL could walk the other table first because of them.
    func among(_ shortlist: RunShortlist) -> RunScan {
        RunScan(
            source: "\(shortlist.source) CROSS JOIN \(self.source)",
            runKey: "f.run_key",
            experiments: shortlist.isOfExperiments ? nil : self.experiments,
            conditions: [shortlist.condition, "\(self.runKey) = f.run_key"] + self.conditions,
            keyset: self.keyset
        )
    }

    /// The scans that together visit every run of `query` in its order.
    package static func scans(for query: RunQuery) -> [RunScan] {
        let experiments = query.experiments.map(\.rawValue)
        guard let first = query.order.first, case .metric(let key) = first.key else {
            return [
                RunScan(
                    source: "run r",
                    runKey: "r.run_key",
                    experiments: "r.experiment_id \(isAnyOf: experiments)",
                    conditions: [],
                    keyset: Keyset(RunOrder.terms(query.order))
                )
            ]
        }
        let rest = RunOrder.terms(Array(query.order.dropFirst()))
        return [
            self.byMetric(
                key,
                isNaN: false,
                experiments,
                [Keyset.Term("o.value", ascending: first.isAscending)] + rest
            ),
            self.byMetric(key, isNaN: true, experiments, rest),
            RunScan(
                source: "run r",
                runKey: "r.run_key",
                experiments: "r.experiment_id \(isAnyOf: experiments)",
                conditions: [
                    "NOT EXISTS (SELECT 1 FROM metric o WHERE o.run_key = r.run_key AND o.key = \(key)\(SQL.byProbe))"
                ],
                keyset: Keyset(rest)
            ),
        ]
    }

    /// Walks the index of a metric's values. The join is spelt so that SQLite keeps its order.
    private static func byMetric(
        _ key: String,
        isNaN: Bool,
        _ experiments: [Int64],
        _ terms: [Keyset.Term]
    ) -> RunScan {
        RunScan(
            source: "metric o CROSS JOIN run r",
            runKey: "o.run_key",
            experiments: "o.experiment_id \(isAnyOf: experiments)",
            conditions: ["o.key = \(key) AND o.is_nan = \(isNaN)", "r.run_key = o.run_key"],
            keyset: Keyset(terms)
        )
    }
}
