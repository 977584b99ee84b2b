import Dispatch
import FoundationEssentials
import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("what reads may take of SQLite")
struct ReadLimitTests {
    private static let endless: SQL = """
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number) SELECT max(n) FROM number
        """

    /// Lends a database in which a read may take a moment only.
    private func withDatabase(
        _ duration: Duration = .milliseconds(100),
        _ body: (SQLiteDatabase) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try SQLiteDatabase(
            path: folder.appending(path: "test.sqlite").path,
            readLimits: ReadLimits(lookups: 1, searches: 1, duration: duration)
        )
        try await body(database)
        try await database.close()
    }

    @Test("a read that takes too long is stopped and says so, and the next one is not")
    func deadline() async throws {
        try await self.withDatabase { database in
            for extent in [ReadExtent.lookup, .search] {
                let error = await #expect(throws: MartletError.self) {
                    _ = try await database.read(extent) { db throws(MartletError) in try db.query(Self.endless) }
                }
                #expect(error?.code == .limitExceeded)
                let answer = try await database.read(extent) { db throws(MartletError) in
                    try db.query("SELECT 7")[0].integer(0)
                }
                #expect(answer == 7)
            }
        }
    }

    @Test("lookups are answered while searches use all that searches may")
    func lookups() async throws {
        try await self.withDatabase { database in
            let isAnswered = DispatchSemaphore(value: 0)
            async let search = database.read(.search) { _ in isAnswered.wait(timeout: .now() + 30) }
            let answer = try await database.read { db throws(MartletError) in try db.query("SELECT 7")[0].integer(0) }
            #expect(answer == 7)
            isAnswered.signal()
            let outcome = try await search
            #expect(outcome == .success)
        }
    }

    @Test("a query that returns more than fits is refused")
    func largeAnswer() async throws {
        // Long enough that only the size can stop it.
        try await self.withDatabase(.seconds(600)) { database in
            let error = await #expect(throws: MartletError.self) {
                _ = try await database.read(.search) { db throws(MartletError) in
                    try db.query("\(Self.numbers) SELECT zeroblob(1000000) FROM number")
                }
            }
            #expect(error?.code == .limitExceeded)
        }
    }

    private static let numbers: SQL = """
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)
        """
}
