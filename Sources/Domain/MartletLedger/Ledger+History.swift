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
        var end = index ?? .max
        if let moment { end = min(end, try self.end(at: moment, on: db)) }
        return try self.readings(
            LedgerQueries.entries(of: modelKey, version: version, before: end, limit: limit),
            on: db
        )
    }

    /// Returns what happened to a deployment, the newest first.
    ///
    /// - Parameter index: Leaves out this entry and what came after it.
    package static func history(
        ofDeployment key: Int64,
        before index: Int64? = nil,
        limit: Int,
        on db: any Connection
    ) throws(MartletError) -> [LedgerReading] {
        try self.readings(LedgerQueries.entries(ofDeployment: key, before: index ?? .max, limit: limit), on: db)
    }

    /// Returns everything that happened to a model up to a moment, in order.
    package static func story(
        of modelKey: Int64,
        until moment: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> [LedgerReading] {
        try self.readings(LedgerQueries.story(of: modelKey, before: try self.end(at: moment, on: db)), on: db)
    }

    /// Returns where the ledger ended at a moment. By halving, since time does not go back in it.
    private static func end(at moment: Timestamp, on db: any Connection) throws(MartletError) -> Int64 {
        var (start, end) = (Int64(0), try self.head(on: db).size)
        while start < end {
            let middle = start + (end - start) / 2
            guard let row = try db.queryOne(LedgerQueries.time(of: middle)) else {
                throw MartletError(.integrity, "entry \(middle) of the ledger is missing")
            }
            if Timestamp(milliseconds: row.integer(0)) <= moment { start = middle + 1 } else { end = middle }
        }
        return start
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
