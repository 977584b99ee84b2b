import Dispatch
import MartletCore
import MartletPostgres
import MartletSQL
import MartletTestSupport
import Synchronization
import Testing

/// What becomes of requests when somebody says nothing, and closes no connection either.
@Suite("PostgreSQL that does not answer", .enabled(if: !TestPostgres.isSkipped))
struct SilentServerTests {
    /// How much longer than its patience a request may take: until silence is noticed, on a machine that is busy.
    private static let grace = Duration.seconds(7)

    /// Lends a server of the test's own, and a database there that has been used.
    private func withDatabase(
        _ body: @escaping (TestPostgres, PostgresDatabase) async throws -> Void
    ) async throws {
        let server = try TestPostgres()
        var settings = try server.makeDatabase()
        settings.patience = .seconds(3)
        let database = try PostgresDatabase.open(settings)
        try await Migrator([DriverUnderTest.migration]).apply(to: database, at: Timestamp(milliseconds: 1))
        _ = try await Self.look(at: database)
        try await body(server, database)
        try await database.close()
    }

    private static func look(at database: PostgresDatabase) async throws -> Int {
        try await database.read { db throws(MartletError) in try db.query("SELECT 7").count }
    }

    private static func add(_ name: String, _ scope: WriteScope, to database: PostgresDatabase) async throws {
        try await database.write(scope) { db throws(MartletError) in
            try db.execute("INSERT INTO item (name) VALUES (\(name))")
        }
    }

    /// Runs many bodies at once, and returns what they failed with and how long the slowest took.
    private func failures(
        of bodies: [@Sendable () async throws -> Void]
    ) async -> (codes: [MartletError.Code?], slowest: Duration) {
        let start = ContinuousClock.now
        return await withTaskGroup(of: (MartletError.Code?, Duration).self) { group in
            for body in bodies {
                group.addTask { (try? await errorCode(of: body), ContinuousClock.now - start) }
            }
            return await group.reduce(into: ([], .zero)) { sum, one in
                sum.0.append(one.0)
                sum.1 = max(sum.1, one.1)
            }
        }
    }

    @Test("reads of a silent server are refused in time, however many wait, and work again when it answers")
    func reads() async throws {
        try await self.withDatabase { server, database in
            try await server.whileFrozen {
                let read: @Sendable () async throws -> Void = { _ = try await Self.look(at: database) }
                let (codes, slowest) = await self.failures(of: Array(repeating: read, count: 12))
                #expect(codes == Array(repeating: .unavailable, count: 12))
                #expect(slowest < .seconds(3) + Self.grace)
            }
            #expect(try await Self.look(at: database) == 1)
        }
    }

    @Test("writes to a silent server are refused in time, also those that wait for others, and work again then")
    func writes() async throws {
        try await self.withDatabase { server, database in
            try await Self.add("before", .everything, to: database)
            try await server.whileFrozen {
                let writes: [@Sendable () async throws -> Void] = (0..<6).map { index in
                    {
                        // Not all in one group.
                        try await Task.sleep(for: .milliseconds(index * 100))
                        try await Self.add("during \(index)", .everything, to: database)
                    }
                }
                let (codes, slowest) = await self.failures(of: writes)
                #expect(codes == Array(repeating: .unavailable, count: 6))
                #expect(slowest < .seconds(3) + Self.grace)
            }
            try await Self.add("after", .everything, to: database)
        }
    }

    @Test("a database is let go of in time though its server is silent")
    func close() async throws {
        let server = try TestPostgres()
        let database = try PostgresDatabase.open(try server.makeDatabase())
        _ = try await Self.look(at: database)
        try await server.whileFrozen {
            async let answer = try? Self.look(at: database)
            try await Task.sleep(for: .milliseconds(200))
            let start = ContinuousClock.now
            try await database.close()
            #expect(ContinuousClock.now - start < .seconds(10) + Self.grace)
            #expect(await answer == nil)
        }
    }

    @Test("a statement that takes long is not taken for a silent server")
    func longStatement() async throws {
        try await self.withDatabase { _, database in
            let answer = try await database.read(.search) { db throws(MartletError) in
                try db.query("SELECT 1 FROM pg_sleep(6)").count
            }
            #expect(answer == 1)
        }
    }

    @Test("a server that freezes within a write keeps others waiting for seconds only, and writes when it goes on")
    func frozenWriter() async throws {
        let settings = try TestPostgres.makeDatabase()
        let (frozen, other) = (try PostgresDatabase.open(settings), try PostgresDatabase.open(settings))
        try await Migrator([DriverUnderTest.migration]).apply(to: frozen, at: Timestamp(milliseconds: 1))
        let (hasLocks, goesOn) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let runs = Atomic(0)
        async let late: Void = frozen.write { db throws(MartletError) in
            _ = try db.query("SELECT 1 FROM item")
            if runs.add(1, ordering: .relaxed).newValue == 1 {
                hasLocks.signal()
                _ = goesOn.wait(timeout: .now() + 60)
            }
            try db.execute("INSERT INTO item (name) VALUES ('late')")
        }
        hasLocks.wait()
        let start = ContinuousClock.now
        let code = try? await errorCode { try await Self.add("other", .everything, to: other) }
        #expect(code == nil)
        #expect(ContinuousClock.now - start < .seconds(8))
        goesOn.signal()
        try await late
        let count = try await other.read { db throws(MartletError) in
            try db.query("SELECT count(*) FROM item")[0].integer(0)
        }
        #expect(count == 2)
        #expect(runs.load(ordering: .relaxed) == 2)
        try await closeAll(frozen.close, other.close)
    }
}
