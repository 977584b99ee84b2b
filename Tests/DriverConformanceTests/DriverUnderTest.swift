import FoundationEssentials
import MartletCore
import MartletPostgres
import MartletSQL
import MartletSQLite
import MartletTestSupport
import Testing

/// Each database under test; a new driver joins with one case.
enum DriverUnderTest: String, CaseIterable, CustomTestStringConvertible {
    case sqliteInMemory
    case sqliteOnDisk
    case postgres

    static let available = Self.allCases.filter { $0 != .postgres || !TestPostgres.isSkipped }
    /// Those that can write while they read.
    static let concurrent = Self.available.filter { $0 != .sqliteInMemory }

    var testDescription: String { self.rawValue }

    /// Lends an empty database with one table.
    ///
    /// - Parameter duration: How long a read may take.
    func withDatabase(
        readsTaking duration: Duration = .seconds(30),
        _ body: (any Database) async throws -> Void
    ) async throws {
        switch self {
        case .sqliteInMemory: try await Self.use(try SQLiteDatabase(inMemory: ()), body)
        case .sqliteOnDisk:
            try await withTemporaryFolder { folder in
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                let limits = ReadLimits(lookups: 1, searches: 1, duration: duration)
                let path = "\(folder)/test.sqlite"
                try await Self.use(try SQLiteDatabase(path: path, readLimits: limits), body)
            }
        case .postgres:
            var settings = try TestPostgres.makeDatabase()
            settings.duration = duration
            try await Self.use(try PostgresDatabase.open(settings), body)
        }
    }

    private static func use(_ database: any Database, _ body: (any Database) async throws -> Void) async throws {
        try await Migrator([Self.migration]).apply(to: database, at: Timestamp(milliseconds: 1))
        try await body(database)
        try await database.close()
    }

    static let migration = Migration(
        "test/0001-create",
        [
            """
            CREATE TABLE item (
                item_key \(.identity), name \(.text) NOT NULL UNIQUE,
                number \(.int64), ratio \(.double), content \(.bytes),
                CHECK (number IS NULL OR number < 1000)
            ) \(SQL.strictTable)
            """
        ]
    )
}
