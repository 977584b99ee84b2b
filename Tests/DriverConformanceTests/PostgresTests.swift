import Dispatch
import FoundationEssentials
import MartletCore
import MartletPostgres
import MartletSQL
import MartletTestSupport
import Synchronization
import Testing

@Suite("PostgreSQL", .enabled(if: !TestPostgres.isSkipped))
struct PostgresTests {
    /// Lends two servers' views of one database, as two programs would have them.
    private func withTwo(
        _ settings: PostgresSettings,
        _ body: (PostgresDatabase, PostgresDatabase) async throws -> Void
    ) async throws {
        let databases = (try PostgresDatabase.open(settings), try PostgresDatabase.open(settings))
        try await Migrator([DriverUnderTest.migration]).apply(to: databases.0, at: Timestamp(milliseconds: 1))
        try await body(databases.0, databases.1)
        try await closeAll(databases.0.close, databases.1.close)
    }

    @Test(
        "what a write has read is still so when it commits, on all servers",
        arguments: [WriteScope.everything, .only(WriteKey("item", "counter"))]
    )
    func scopes(scope: WriteScope) async throws {
        try await self.withTwo(try TestPostgres.makeDatabase()) { one, other in
            try await one.write { db throws(MartletError) in
                try db.execute("INSERT INTO item (name, number) VALUES ('counter', 0)")
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<200 {
                    let database = index.isMultiple(of: 2) ? one : other
                    group.addTask { try await database.write(scope) { db throws(MartletError) in try Self.count(db) } }
                }
                try await group.waitForAll()
            }
            let count = try await one.read { db throws(MartletError) in
                try db.query("SELECT number FROM item WHERE name = 'counter'")[0].integer(0)
            }
            #expect(count == 200)
        }
    }

    @Test("what only appends waits for no other write, unless that has its key alone")
    func appends() async throws {
        try await self.withTwo(try TestPostgres.makeDatabase()) { one, other in
            let key = WriteKey("item", "log")
            @Sendable func append(_ number: Int64) async throws {
                try await other.write(.appending(to: key)) { db throws(MartletError) in
                    try db.execute("INSERT INTO item (name, number) VALUES (\("entry \(number)"), \(number))")
                }
            }
            let isAppended = DispatchSemaphore(value: 0)
            @Sendable func wait(_ db: any Connection, seconds: Double) throws(MartletError) -> DispatchTimeoutResult {
                // Locks are taken with the first statement.
                _ = try db.query("SELECT name FROM item")
                return isAppended.wait(timeout: .now() + seconds)
            }
            async let whole = one.write { db throws(MartletError) in try wait(db, seconds: 10) }
            try await Task.sleep(for: .milliseconds(200))
            try await append(1)
            isAppended.signal()
            #expect(try await whole == .success)
            async let alone = one.write(.only(key)) { db throws(MartletError) in try wait(db, seconds: 1) }
            try await Task.sleep(for: .milliseconds(200))
            try await append(2)
            isAppended.signal()
            #expect(try await alone == .timedOut)
        }
    }

    /// Adds one in a way that loses additions unless nobody else adds.
    private static func count(_ db: any Connection) throws(MartletError) {
        let number = try db.query("SELECT number FROM item WHERE name = 'counter'")[0].integer(0)
        try db.execute("UPDATE item SET number = \(number + 1) WHERE name = 'counter'")
    }

    @Test("servers that start at the same time wait for the one that makes the tables")
    func migrations() async throws {
        let settings = try TestPostgres.makeDatabase()
        let databases = try (0..<4).map { _ in try PostgresDatabase.open(settings) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for database in databases {
                group.addTask {
                    try await Migrator([DriverUnderTest.migration]).apply(to: database, at: Timestamp(milliseconds: 1))
                }
            }
            try await group.waitForAll()
        }
        for database in databases { try await database.close() }
    }

    @Test("a failure of a batch that nobody waited for fails its write, and no other one")
    func laterFailure() async throws {
        try await DriverUnderTest.postgres.withDatabase { database in
            let codes = await withTaskGroup(of: MartletError.Code?.self) { group in
                for index in 0..<60 {
                    group.addTask {
                        try? await errorCode {
                            try await database.write { db throws(MartletError) in
                                var batch = SQLBatch("INSERT INTO item (name, number) VALUES (?, ?)", columnCount: 2)
                                batch.append(.text("n\(index)"), .integer(index.isMultiple(of: 3) ? 1_000 : 1))
                                try db.executeLater(batch)
                            }
                        }
                    }
                }
                return await group.reduce(into: [MartletError.Code?]()) { $0.append($1) }
            }
            #expect(codes.count { $0 == .invalidArgument } == 20)
            #expect(codes.count { $0 == nil } == 40)
            let count = try await database.read { db throws(MartletError) in
                try db.query("SELECT count(*) FROM item")[0].integer(0)
            }
            #expect(count == 40)
        }
    }

    @Test("a text with U+0000, which PostgreSQL cannot keep, is refused")
    func nul() async throws {
        try await DriverUnderTest.postgres.withDatabase { database in
            let code = try await errorCode {
                try await database.write { db throws(MartletError) in
                    _ = try db.execute("INSERT INTO item (name) VALUES (\("a\u{0}b"))")
                }
            }
            #expect(code == .invalidArgument)
        }
    }

    @Test("a key that no index takes is refused, and one that is nearly as long is not")
    func longKeys() async throws {
        try await DriverUnderTest.postgres.withDatabase { database in
            for (length, expected) in [(2_600, nil), (2_800, MartletError.Code.limitExceeded)] {
                // What can be compressed may be longer.
                let name = String(decoding: (0..<length).map { _ in UInt8.random(in: 33...126) }, as: UTF8.self)
                let code = try await errorCode {
                    try await database.write { db throws(MartletError) in
                        _ = try db.execute("INSERT INTO item (name) VALUES (\(name))")
                    }
                }
                #expect(code == expected)
            }
        }
    }

    @Test("a database that is not there, or of another encoding, is refused at once and by the setting's name")
    func wrongDatabases() throws {
        let server = try TestPostgres()
        var settings = try server.makeDatabase(
            "ENCODING 'SQL_ASCII' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
        )
        let encoding = #expect(throws: MartletError.self) { try PostgresDatabase.open(settings) }
        #expect(encoding?.code == .unsupported)
        settings.connectionString += "_not"
        let began = ContinuousClock.now
        let missing = #expect(throws: MartletError.self) { try PostgresDatabase.open(settings) }
        #expect(missing?.message.contains("--database") == true && missing?.message.contains("does not exist") == true)
        #expect(ContinuousClock.now - began < settings.patience / 2)
    }

    @Test("a certificate that is not trusted, or for another host, is refused at once and by the setting's name")
    func certificates() async throws {
        let server = try TestPostgres(withTLS: true)
        let settings = try server.makeDatabase()
        let good = try server.encrypted(settings, host: "localhost", isTrusted: true)
        try await PostgresDatabase.open(good).close()
        let began = ContinuousClock.now
        for (host, isTrusted, reason) in [
            ("db.example", true, "does not match host name \"db.example\""),
            ("localhost", false, "as sslrootcert"),
        ] {
            let wrong = try server.encrypted(settings, host: host, isTrusted: isTrusted)
            let error = #expect(throws: MartletError.self) { try PostgresDatabase.open(wrong) }
            #expect(error?.message.contains("--database") == true)
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
        #expect(ContinuousClock.now - began < settings.patience)
    }

    @Test("a write whose commit is cut off takes place once, wherever it is cut", arguments: [1, 7])
    func cutCommits(writesAtOnce: Int) async throws {
        var settings = try TestPostgres.makeDatabase()
        let folder = try #require(settings.socketFolder)
        try await withTemporaryFolder { ownFolder in
            try FileManager.default.createDirectory(atPath: ownFolder, withIntermediateDirectories: true)
            // The machine is busy with all the other tests.
            settings.connectionString += " host=\(ownFolder) connect_timeout=60"
            settings.patience = .seconds(120)
            try await CommitCuttingProxy.with(from: ownFolder, to: folder) { proxy in
                try await Self.countThroughCutCommits(settings, proxy, writesAtOnce: writesAtOnce)
            }
        }
    }

    private static func countThroughCutCommits(
        _ settings: PostgresSettings,
        _ proxy: CommitCuttingProxy,
        writesAtOnce: Int
    ) async throws {
        // Without blocking a thread, which the proxy may need.
        let database = PostgresDatabase(settings)
        try await Migrator([DriverUnderTest.migration]).apply(to: database, at: Timestamp(milliseconds: 1))
        try await database.write { db throws(MartletError) in
            try db.execute("INSERT INTO item (name, number) VALUES ('counter', 0)")
        }
        let faults = CommitCuttingProxy.Fault.allCases
        for fault in faults {
            proxy.add([fault])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<writesAtOnce {
                    group.addTask { try await database.write { db throws(MartletError) in try Self.count(db) } }
                }
                try await group.waitForAll()
            }
            #expect(proxy.remainingCount == 0)
        }
        // What is late arrives in this time at the latest.
        try await Task.sleep(for: .seconds(1))
        let count = try await database.read { db throws(MartletError) in
            try db.query("SELECT number FROM item WHERE name = 'counter'")[0].integer(0)
        }
        #expect(count == Int64(faults.count * writesAtOnce))
        try await database.close()
    }

    @Test("nothing that was acknowledged is missing after a crash of the server, and no restart of ours is needed")
    func crash() async throws {
        let server = try TestPostgres()
        var settings = try server.makeDatabase()
        settings.writers = 4
        let database = try PostgresDatabase.open(settings)
        try await Migrator([DriverUnderTest.migration]).apply(to: database, at: Timestamp(milliseconds: 1))
        let history = WriteHistory()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<12 {
                group.addTask {
                    var number = 0
                    while !history.isOver.load(ordering: .relaxed), !Task.isCancelled {
                        number += 1
                        try await history.write("\(writer)-\(number)", as: writer, to: database)
                    }
                }
            }
            for _ in 0..<3 {
                try await history.waitForMore()
                try server.crash()
                try await Task.sleep(for: .milliseconds(300))
                try server.restart()
            }
            // After the last crash as well, without a restart of ours.
            try await history.waitForMore()
            history.isOver.store(true, ordering: .relaxed)
            try await group.waitForAll()
        }
        let present = try await database.read { db throws(MartletError) in
            Set(try db.query("SELECT name FROM item").map { $0.text(0) })
        }
        #expect(history.acknowledged.withLock { $0.subtracting(present) } == [])
        try await database.close()
    }
}

/// What writers were told.
private final class WriteHistory: Sendable {
    let acknowledged = Mutex<Set<String>>([])
    let isOver = Atomic(false)

    /// Returns when some more writes have been acknowledged.
    func waitForMore() async throws {
        let enough = self.acknowledged.withLock { $0.count } + 50
        let deadline = ContinuousClock.now + .seconds(60)
        while self.acknowledged.withLock({ $0.count }) < enough {
            try #require(ContinuousClock.now < deadline, "no write gets through")
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Adds a row; it may be refused because there is no server, and for nothing else.
    func write(_ name: String, as writer: Int, to database: PostgresDatabase) async throws {
        let scope: WriteScope = writer == 0 ? .everything : .only(WriteKey("writer", "\(writer)"))
        let code = try await errorCode {
            try await database.write(scope) { db throws(MartletError) in
                _ = try db.query("SELECT count(*) FROM item WHERE name = \(name)")
                _ = try db.execute("INSERT INTO item (name) VALUES (\(name))")
            }
        }
        if code == nil { self.acknowledged.withLock { _ = $0.insert(name) } }
        #expect(code == nil || code == .unavailable)
    }
}
