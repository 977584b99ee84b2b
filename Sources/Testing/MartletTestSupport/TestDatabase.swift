package import MartletCore
package import MartletSQL
package import MartletSQLite

/// Makes an empty database in memory with the schema of `migrations`.
package func makeTestDatabase(_ migrations: [Migration]) async throws(MartletError) -> SQLiteDatabase {
    let database = try SQLiteDatabase(inMemory: ())
    try await Migrator(migrations).apply(to: database, at: Timestamp(milliseconds: 0))
    return database
}
