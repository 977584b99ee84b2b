package import MartletCore
package import MartletSQL

/// Removes the records of decisions that their deployments no longer want kept.
///
/// Only what is sealed is removed, and a whole period at once; the seal stays, so that a copy that somebody has kept
/// can still be proved.
package struct DecisionRetention: Sendable {
    private static let rowsPerWrite = 5_000
    private static let deploymentsPerRead = 1_000

    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Removes all that is to be removed by now, and returns how many records that were.
    package func removeOld() async throws(MartletError) -> Int {
        var count = 0
        for (key, days) in try await self.keepers() {
            let end = self.surroundings.now() - TimeSpan(milliseconds: days * 86_400_000)
            while let period = try await self.oldest(of: key, until: end) {
                while case let removed = try await self.remove(period, of: key), removed > 0 { count += removed }
                try await self.markForgotten(period, of: key)
            }
        }
        return count
    }

    /// The deployments that keep records for some days only, also those that are gone.
    private func keepers() async throws(MartletError) -> [(key: Int64, days: Int64)] {
        var keepers: [(key: Int64, days: Int64)] = []
        var last: Int64 = 0
        while true {
            let page = try await self.database.read(.search) { [last] db throws(MartletError) in
                try db.query(DeploymentQueries.settings(after: last, limit: Self.deploymentsPerRead))
                    .map { row throws(MartletError) in
                        (row.integer(0), try DeploymentSettings(stored: row.text(1)).keepDays)
                    }
            }
            for (key, days) in page { if let days { keepers.append((key, days)) } }
            guard let end = page.last, page.count == Self.deploymentsPerRead else { return keepers }
            last = end.0
        }
    }

    private func oldest(of key: Int64, until end: Timestamp) async throws(MartletError) -> Range<Timestamp>? {
        try await self.database.read { db throws(MartletError) in
            try db.queryOne(DecisionSealQueries.oldestKept(of: key, until: end)).map { row in
                Timestamp(milliseconds: row.integer(0))..<Timestamp(milliseconds: row.integer(1))
            }
        }
    }

    private func remove(_ period: Range<Timestamp>, of key: Int64) async throws(MartletError) -> Int {
        try await self.database.write(.only(WriteKey("decisions of", "\(key)"))) { db throws(MartletError) in
            let (start, end) = (DecisionID(first: period.lowerBound), DecisionID(first: period.upperBound))
            let some = DecisionQueries.ids(of: key, from: start, until: end, limit: Self.rowsPerWrite)
            try db.execute(OutcomeQueries.delete(of: some))
            try db.execute(PayloadQueries.delete(of: some))
            return try db.execute(DecisionQueries.delete(some))
        }
    }

    private func markForgotten(_ period: Range<Timestamp>, of key: Int64) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write(.only(WriteKey("decisions of", "\(key)"))) { db throws(MartletError) in
            try db.execute(DecisionSealQueries.markForgotten(of: key, start: period.lowerBound, at: now))
        }
    }
}
