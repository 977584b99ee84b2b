package import MartletCore
package import MartletSQL

/// What came of deployments' requests, on all servers.
package struct TrafficService: Sendable {
    private static let dayMilliseconds: Int64 = 86_400_000
    /// How long rows of seconds are kept; later there are rows of minutes.
    private static let freshSpan = TimeSpan(milliseconds: 15 * 60_000)
    private static let minuteMilliseconds: Int64 = 60_000
    /// How much time one query reads, so that none returns too much.
    private static let readSpan = TimeSpan(milliseconds: 3_600_000)
    private static let minutesPerTransaction = 50

    let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// What the clock says.
    package var now: Timestamp { self.surroundings.now() }

    /// Adds up what came of a deployment's requests since a moment, for each of its arms.
    ///
    /// - Parameter start: `nil` for a quarter of an hour ago. What is too old is forgotten.
    package func traffic(
        of name: DeploymentName,
        since start: Timestamp? = nil
    ) async throws(MartletError) -> TrafficReport {
        let now = self.surroundings.now()
        let start = start ?? now - Self.freshSpan
        guard start < now else { throw .invalid("'since' lies in the future.") }
        return try await self.database.read(.search) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            var sums: [ArmKey: TrafficSums] = [:]
            let oldest = try db.queryOne(TrafficQueries.oldest(of: deployment.key))?.optionalInteger(0)
            var begin = max(start, oldest.map { Timestamp(milliseconds: $0 - 1) } ?? now)
            while begin < now {
                let end = min(begin + Self.readSpan, now)
                for row in try db.query(TrafficQueries.rows(of: deployment.key, after: begin, until: end)) {
                    let (key, more) = try TrafficQueries.decode(row, of: deployment.key)
                    sums[key, default: TrafficSums()].merge(more)
                }
                begin = end
            }
            return TrafficReport(since: start, until: now, arms: try ArmTraffic.all(sums, of: deployment, on: db))
        }
    }

    /// Makes rows of minutes of what is older than a quarter of an hour.
    package func condense() async throws(MartletError) {
        let end = self.surroundings.now() - Self.freshSpan
        // Rows that come late are taken by the next round; those that are there are taken by one server.
        while try await self.database.write(
            .only(WriteKey("traffic", "condense")),
            { db throws(MartletError) in
                for _ in 0..<Self.minutesPerTransaction {
                    guard let oldest = try db.queryOne(TrafficQueries.oldestFresh(until: end)) else { return false }
                    try Self.condense(oldest.integer(0), minuteOf: oldest.integer(1), on: db)
                }
                return true
            }
        ) {}
    }

    private static func condense(
        _ deploymentKey: Int64,
        minuteOf milliseconds: Int64,
        on db: any Connection
    ) throws(MartletError) {
        let minute = (milliseconds + self.minuteMilliseconds - 1) / self.minuteMilliseconds * self.minuteMilliseconds
        let end = Timestamp(milliseconds: minute)
        let start = end - TimeSpan(milliseconds: self.minuteMilliseconds)
        var sums: [ArmKey: TrafficSums] = [:]
        for row in try db.query(TrafficQueries.takeFresh(of: deploymentKey, after: start, until: end)) {
            let (key, more) = try TrafficQueries.decode(row, of: deploymentKey)
            sums[key, default: TrafficSums()].merge(more)
        }
        for (key, more) in sums {
            var total = more
            if let row = try db.queryOne(TrafficQueries.condensed(key, at: end)) {
                total.merge(try TrafficQueries.decode(row, of: deploymentKey).sums)
            }
            try db.execute(TrafficQueries.putCondensed(TrafficRow(key: key, at: end, sums: total)))
        }
    }

    /// Forgets what is older.
    package func forget(olderThanDays days: Int) async throws(MartletError) {
        let moment = self.surroundings.now() - TimeSpan(milliseconds: Int64(days) * Self.dayMilliseconds)
        try await self.database.executeInSteps(.only(WriteKey("traffic", "condense"))) {
            TrafficQueries.forget(before: moment, limit: $0)
        }
    }
}
