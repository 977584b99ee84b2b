package import MartletCore
package import MartletSQL

extension Ledger {
    /// Returns what happened to a model, or to one of its versions, the newest first.
    ///
    /// - Parameters:
    ///   - moment: Leaves out what came after it.
    ///   - index: Leaves out this entry and what came after it.
    package static func history(
        of modelKey: Int64,
        version: Int64? = nil,
        until moment: Timestamp? = nil,
        before index: Int64? = nil,
        limit: Int,
        on db: any Connection
    ) throws(MartletError) -> [LedgerReading] {
        let statement = LedgerQueries.entries(
            of: modelKey,
            version: version,
            until: moment,
            before: index,
            limit: limit
        )
        return try self.readings(statement, on: db)
    }

    /// Returns everything that happened to a model up to a moment, in order.
    package static func story(
        of modelKey: Int64,
        until moment: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> [LedgerReading] {
        try self.readings(LedgerQueries.story(of: modelKey, until: moment), on: db)
    }

    /// Returns the place of the last entry that says what a version's digest is; `nil` when there is none.
    package static func digestEntry(
        of modelKey: Int64,
        version: Int64,
        on db: any Connection
    ) throws(MartletError) -> Int64? {
        try db.queryOne(LedgerQueries.digest(of: modelKey, version: version))?.integer(0)
    }

    /// Returns how the versions of a model, or one of them, moved between stages, in order.
    package static func moves(
        of modelKey: Int64,
        version: Int64? = nil,
        on db: any Connection
    ) throws(MartletError) -> [LedgerReading] {
        try self.readings(LedgerQueries.moves(of: modelKey, version: version), on: db)
    }

    /// Returns the entry at a place; `nil` when there is none.
    package static func reading(_ index: Int64, on db: any Connection) throws(MartletError) -> LedgerReading? {
        guard let row = try db.queryOne(LedgerQueries.entry(index)) else { return nil }
        return try LedgerQueries.decode(row).reading()
    }

    private static func readings(_ statement: SQL, on db: any Connection) throws(MartletError) -> [LedgerReading] {
        var readings: [LedgerReading] = []
        for row in try db.query(statement) {
            readings.append(try LedgerQueries.decode(row).reading())
        }
        return readings
    }
}
