import MartletSQL

/// The table that sets the order of a scan over runs, which are its rows or joined to them as `r`.
///
/// It is walked in the order of an index, or, where a shortlist says which runs there can be, probed for each of those.
struct WalkedTable: Sendable {
    let table: SQL
    /// What it is called in a statement.
    let alias: SQL
    /// Those whose runs are wanted.
    let experiments: [Int64]
    /// About its rows.
    let conditions: [SQL]
    /// Whether its rows are runs.
    let isRuns: Bool

    static func runs(of experiments: [Int64], _ conditions: [SQL] = []) -> WalkedTable {
        WalkedTable(table: "run", alias: "r", experiments: experiments, conditions: conditions, isRuns: true)
    }

    static func metrics(of experiments: [Int64], _ conditions: [SQL]) -> WalkedTable {
        WalkedTable(table: "metric", alias: "o", experiments: experiments, conditions: conditions, isRuns: false)
    }

    /// What to select from; the join is spelt so that SQLite keeps its order.
    func source(_ shortlist: RunShortlist?) -> SQL {
        let runs: SQL = self.isRuns ? "" : " CROSS JOIN run r"
        guard let shortlist else { return "\(self.table) \(self.alias)\(runs)" }
        let own = self.probes(shortlist).joined(by: " AND ")
        return .dialect(
            sqlite: "\(shortlist.source) CROSS JOIN \(self.table) \(self.alias)\(runs)",
            // Told less, it would rather walk the table in its order and look each row up in the list.
            postgres: """
                \(shortlist.source) CROSS JOIN LATERAL \
                (SELECT * FROM \(self.table) \(self.alias) WHERE \(own) OFFSET 0) \(self.alias)\(runs)
                """
        )
    }

    func conditions(_ shortlist: RunShortlist?) -> [SQL] {
        let runs: [SQL] = self.isRuns ? [] : ["r.run_key = \(self.alias).run_key"]
        guard let shortlist else { return [self.ofExperiments] + self.conditions + runs }
        let own = self.probes(shortlist).joined(by: " AND ")
        return [.dialect(sqlite: "\(shortlist.condition) AND \(own)", postgres: shortlist.condition)] + runs
    }

    /// What its row for a run of the shortlist must be.
    private func probes(_ shortlist: RunShortlist) -> [SQL] {
        (shortlist.isOfExperiments ? [] : [self.ofExperiments]) + ["\(self.alias).run_key = f.run_key"]
            + self.conditions
    }

    private var ofExperiments: SQL { "\(self.alias).experiment_id \(isAnyOf: self.experiments)" }
}
