package import MartletCore
import MartletSearch
package import MartletSQL

/// One ordered walk over runs. A search is a few of them, one after the other.
///
/// The database walks an index in the order that was asked for, probes each run for the conditions, and
/// stops when the page is full: the cost is the page's and that of the runs passed over, not that of
/// all runs.
package struct RunScan: Sendable {
    /// Sets the order.
    private let table: WalkedTable
    /// Those runs that are then sorted; `nil` where all are walked.
    private var shortlist: RunShortlist?
    let keyset: Keyset

    private init(_ table: WalkedTable, _ terms: [Keyset.Term]) {
        self.table = table
        self.keyset = Keyset(terms)
    }

    /// - Parameter position: Where in this scan to go on; `nil` for its beginning.
    package func statement(
        _ query: RunQuery,
        after position: [PageToken.Field]?,
        limit: Int
    ) throws(MartletError) -> SQL {
        let runKey: SQL = self.shortlist == nil ? "\(self.table.alias).run_key" : "f.run_key"
        let conditions =
            self.table.conditions(self.shortlist)
            + [query.visibility.condition(on: "r.deleted_ms")]
            + (try self.keyset.conditions(after: position))
            + query.conditions.sql(of: runKey)
        return """
            SELECT \(RunQueries.columns)\(self.keyset.columns) FROM \(self.table.source(self.shortlist))
            WHERE \(conditions.joined(by: " AND ")) ORDER BY \(self.keyset.order) LIMIT \(limit)
            """
    }

    /// The same scan over only some runs.
    func among(_ shortlist: RunShortlist) -> RunScan {
        var scan = self
        scan.shortlist = shortlist
        return scan
    }

    /// The scans that together visit every run of `query` in its order.
    package static func scans(for query: RunQuery) -> [RunScan] {
        let experiments = query.experiments.map(\.rawValue)
        guard let first = query.order.first, case .metric(let key) = first.key else {
            return [RunScan(.runs(of: experiments), RunOrder.terms(query.order))]
        }
        let rest = RunOrder.terms(Array(query.order.dropFirst()))
        let isMissing: SQL =
            "NOT EXISTS (SELECT 1 FROM metric o WHERE o.run_key = r.run_key AND o.key = \(key)\(SQL.byProbe))"
        return [
            RunScan(
                .metrics(of: experiments, ["o.key = \(key) AND o.is_nan = \(false)"]),
                [Keyset.Term("o.value", ascending: first.isAscending)] + rest
            ),
            RunScan(.metrics(of: experiments, ["o.key = \(key) AND o.is_nan = \(true)"]), rest),
            RunScan(.runs(of: experiments, [isMissing]), rest),
        ]
    }
}
