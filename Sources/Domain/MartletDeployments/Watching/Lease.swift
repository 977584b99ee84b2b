package import MartletCore
package import MartletSQL

/// The right to do something on behalf of all servers that share a database; it ends by itself should its holder die.
///
/// Whoever has it may be slow, and lose it without noticing: what is done under it must be harmless when two do it.
package struct Lease: Sendable {
    private static let length = TimeSpan(milliseconds: 6_000)
    /// How long it may seem to last: longer than it does where the clock of the one who has it is ahead. One that ends
    /// later was taken by a clock that was wrong, and would keep everybody away until that time has come.
    private static let lengthMax = TimeSpan(milliseconds: 12_000)
    /// How much of it is left when it is prolonged.
    private static let margin = TimeSpan(milliseconds: 3_000)

    private let name: String
    private let holder: String
    private let database: any Database

    /// - Parameter holder: Who asks, as nobody else is called.
    package init(name: String, holder: String, database: any Database) {
        self.name = name
        self.holder = holder
        self.database = database
    }

    /// Takes it, or keeps it; returns whether it is the holder's now.
    package func take(at now: Timestamp) async throws(MartletError) -> Bool {
        let (name, holder) = (self.name, self.holder)
        // A look first: nearly always there is nothing to write.
        let row = try await self.database.read { db throws(MartletError) in try db.queryOne(LeaseQueries.find(name)) }
        if let row {
            let isMine = row.text(0) == holder
            let end = Timestamp(milliseconds: row.integer(1))
            let isPossible = end <= now + Self.lengthMax
            if !isMine, end > now, isPossible { return false }
            if isMine, end > now + Self.margin, isPossible { return true }
        }
        let others = now...(now + Self.lengthMax)
        let statement = LeaseQueries.take(name, for: holder, until: now + Self.length, unlessIn: others)
        return try await self.database.write(.only(WriteKey("lease", name))) { db throws(MartletError) in
            try db.execute(statement) > 0
        }
    }
}

/// Every statement that touches `lease`.
private enum LeaseQueries {
    static func find(_ name: String) -> SQL {
        "SELECT holder, until_ms FROM lease WHERE name = \(name)"
    }

    /// Changes nothing while somebody else has it.
    ///
    /// - Parameter others: When the time of somebody else ends who has it; after the beginning.
    static func take(
        _ name: String,
        for holder: String,
        until end: Timestamp,
        unlessIn others: ClosedRange<Timestamp>
    ) -> SQL {
        """
        INSERT INTO lease (name, holder, until_ms) VALUES (\(name), \(holder), \(end))
        ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
        WHERE lease.holder = excluded.holder OR lease.until_ms <= \(others.lowerBound)
            OR lease.until_ms > \(others.upperBound)
        """
    }
}
