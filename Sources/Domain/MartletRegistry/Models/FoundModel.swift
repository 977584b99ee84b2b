import MartletCore
import MartletSQL

/// A model inside a transaction, and what its rows are found by.
struct FoundModel {
    let key: Int64
    let name: ModelName

    /// Finds a model that nobody has deleted.
    ///
    /// - Throws: `notFound` in the words that every client of ours knows.
    static func find(_ name: ModelName, on db: any Connection) throws(MartletError) -> FoundModel {
        guard let row = try db.queryOne(RegisteredModelQueries.find(name)) else { throw .modelNotFound(name) }
        return FoundModel(key: RegisteredModelQueries.decode(row).key, name: name)
    }

    /// Finds the model that had a name at a moment, or else the one that has it now or had it last.
    static func find(_ name: ModelName, at moment: Timestamp, on db: any Connection) throws(MartletError) -> FoundModel
    {
        if let row = try db.queryOne(RegisteredModelQueries.find(name, at: moment)) {
            return FoundModel(key: row.integer(0), name: name)
        }
        return try self.findEvenDeleted(name, on: db)
    }

    /// Finds a model, or else the one of that name that was deleted last.
    static func findEvenDeleted(_ name: ModelName, on db: any Connection) throws(MartletError) -> FoundModel {
        for statement in [RegisteredModelQueries.find(name), RegisteredModelQueries.findDeleted(name)] {
            guard let row = try db.queryOne(statement) else { continue }
            return FoundModel(key: RegisteredModelQueries.decode(row).key, name: name)
        }
        throw .modelNotFound(name)
    }
}
