import Foundation
import MartletCore
import MartletPostgres
package import MartletSQL
import MartletSQLite

/// What tests of the domain run on: what holds of it holds on both.
package enum TestProduct: Sendable {
    case sqlite, postgres

    /// SQLite in memory, unless `MARTLET_TEST_DATABASE=postgres` says otherwise.
    package static let chosen: TestProduct =
        ProcessInfo.processInfo.environment["MARTLET_TEST_DATABASE"] == "postgres" ? .postgres : .sqlite
}

/// Makes an empty database with the schema of `migrations`.
///
/// - Parameter product: For tests of what only one of them does, such as its plans.
package func makeTestDatabase(
    _ migrations: [Migration],
    on product: TestProduct = .chosen
) async throws -> any Database {
    let database: any Database =
        switch product {
        case .sqlite: try SQLiteDatabase(inMemory: ())
        case .postgres: PostgresDatabase(try TestPostgres.makeDatabase())
        }
    try await Migrator(migrations).apply(to: database, at: Timestamp(milliseconds: 0))
    return database
}
