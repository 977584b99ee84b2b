import Dispatch
import MartletCore
import MartletSQL
import Testing

@Suite("what reads may take")
struct ReadLimitTests {
    private static let endless: SQL = """
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number) SELECT max(n) FROM number
        """

    @Test(
        "a read that takes too long is stopped and says so, and the next one is not",
        arguments: DriverUnderTest.concurrent
    )
    func deadline(driver: DriverUnderTest) async throws {
        try await driver.withDatabase(readsTaking: .milliseconds(100)) { database in
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

    @Test("lookups are answered while searches use all that searches may", arguments: DriverUnderTest.concurrent)
    func lookups(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            let isAnswered = DispatchSemaphore(value: 0)
            async let search = database.read(.search) { _ in isAnswered.wait(timeout: .now() + 30) }
            let answer = try await database.read { db throws(MartletError) in try db.query("SELECT 7")[0].integer(0) }
            #expect(answer == 7)
            isAnswered.signal()
            let outcome = try await search
            #expect(outcome == .success)
        }
    }

    @Test(
        "a query that returns more than fits is refused, and the next one is not",
        arguments: DriverUnderTest.concurrent
    )
    func largeAnswer(driver: DriverUnderTest) async throws {
        // Long enough that only the size can stop it.
        try await driver.withDatabase(readsTaking: .seconds(600)) { database in
            let error = await #expect(throws: MartletError.self) {
                _ = try await database.read(.search) { db throws(MartletError) in
                    try db.query("\(Self.numbers) SELECT \(Self.megabyte) FROM number")
                }
            }
            #expect(error?.code == .limitExceeded)
            let answer = try await database.read(.search) { db throws(MartletError) in try db.query("SELECT 7").count }
            #expect(answer == 1)
        }
    }

    private static let megabyte: SQL = .dialect(sqlite: "zeroblob(1000000)", postgres: "repeat('x', 1000000)")
    private static let numbers: SQL = """
        WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 100000)
        """
}
