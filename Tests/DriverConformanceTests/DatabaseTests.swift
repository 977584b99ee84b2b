import MartletCore
import MartletSQL
import Testing

@Suite("every database driver")
struct DatabaseTests {
    @Test("values come back as they were bound", arguments: DriverUnderTest.available)
    func values(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            try await database.write { db throws(MartletError) in
                try db.execute(
                    """
                    INSERT INTO item (name, number, ratio, content)
                    VALUES (\("größe"), \(-7), \(0.1), \(nil as String?))
                    """
                )
                var batch = SQLBatch(
                    "INSERT INTO item (number, name, ratio, content) VALUES (7, ?, ?, ?)",
                    columnCount: 3
                )
                batch.append(.text(""), .real(-0.5), .bytes([0, 255]))
                batch.append(.text("größer"), .integer(2), .bytes([]))
                batch.append(.text("'{\"a\",NULL}'"), .null, .null)
                try db.execute(batch)
            }
            let rows = try await database.read { db throws(MartletError) in
                try db.query("SELECT name, number, ratio, content FROM item ORDER BY item_key")
            }
            #expect(rows.map { $0.text(0) } == ["größe", "", "größer", "'{\"a\",NULL}'"])
            #expect(rows.map { $0.optionalInteger(1) } == [-7, 7, 7, 7])
            #expect(rows.prefix(3).map { $0.real(2) } == [0.1, -0.5, 2])
            #expect(rows[3].isNull(2))
            #expect(rows.map { $0.optionalBytes(3) } == [nil, [0, 255], [], nil])
        }
    }

    @Test(
        "a batch is as its rows one after the other, also where they repeat a key",
        arguments: DriverUnderTest.available
    )
    func batches(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            try await database.write { db throws(MartletError) in
                var first = SQLBatch(
                    "INSERT INTO item (number, name) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    constants: [.integer(7)],
                    columnCount: 1
                )
                for index in 0..<173 { first.append(.text("n\(index % 170)")) }
                try db.execute(first)
                var last = SQLBatch(
                    """
                    INSERT INTO item (name, number) VALUES (?, ?)
                    ON CONFLICT (name) DO UPDATE SET number = excluded.number
                    """,
                    columnCount: 2
                )
                for index in 0..<60 { last.append(.text("n\(index % 2)"), .integer(Int64(index))) }
                try db.executeLater(last)
            }
            let numbers = try await database.read { db throws(MartletError) in
                try db.query("SELECT number FROM item ORDER BY item_key").map { $0.integer(0) }
            }
            #expect(numbers == [58, 59] + Array(repeating: 7, count: 168))
        }
    }

    @Test("a refused write leaves nothing behind and says why", arguments: DriverUnderTest.available)
    func rollback(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            let error = await #expect(throws: MartletError.self) {
                try await database.write { db throws(MartletError) in
                    try db.execute("INSERT INTO item (name) VALUES (\("a"))")
                    try db.execute("INSERT INTO item (name) VALUES (\("a"))")
                }
            }
            #expect(error?.code == .alreadyExists)
            let count = try await Self.rowCount(of: database)
            #expect(count == 0)
        }
    }

    @Test("constraints are told apart", arguments: DriverUnderTest.available)
    func constraints(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            let check = await #expect(throws: MartletError.self) {
                try await database.write { db throws(MartletError) in
                    try db.execute("INSERT INTO item (name, number) VALUES (\("a"), \(1000))")
                }
            }
            #expect(check?.code == .invalidArgument)
            let type = await #expect(throws: MartletError.self) {
                try await database.write { db throws(MartletError) in
                    try db.execute("INSERT INTO item (name, number) VALUES (\("a"), \("noon"))")
                }
            }
            #expect(type?.code == .invalidArgument)
        }
    }

    @Test("many writers at once each get their own answer", arguments: DriverUnderTest.available)
    func concurrentWriters(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                // Half of the names are taken twice, so one of each such pair must be refused.
                for index in 0..<400 {
                    group.addTask {
                        do {
                            try await database.write { db throws(MartletError) in
                                try db.execute("INSERT INTO item (name) VALUES (\("n\(index % 300)"))")
                            }
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(outcomes.count { $0 } == 300)
            let count = try await Self.rowCount(of: database)
            #expect(count == 300)
        }
    }

    @Test("a read sees one state, whatever is written meanwhile", arguments: DriverUnderTest.concurrent)
    func snapshot(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            async let writer: Void = {
                for index in 0..<200 {
                    try await database.write { db throws(MartletError) in
                        try db.execute("INSERT INTO item (name) VALUES (\("w\(index)"))")
                    }
                }
            }()
            for _ in 0..<100 {
                let counts = try await database.read { db throws(MartletError) in
                    (try Self.count(db), try Self.count(db))
                }
                #expect(counts.0 == counts.1)
            }
            try await writer
        }
    }

    @Test("LIKE minds case, as on PostgreSQL", arguments: DriverUnderTest.available)
    func like(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            try await database.write { db throws(MartletError) in
                try db.execute("INSERT INTO item (name) VALUES (\("Abc"))")
            }
            let found = try await database.read { db throws(MartletError) in
                try db.query("SELECT 1 FROM item WHERE name LIKE \("a%")").count
                    + 10 * db.query("SELECT 1 FROM item WHERE name LIKE \("A%")").count
            }
            #expect(found == 10)
        }
    }

    @Test("any number of values can be looked for with one statement", arguments: DriverUnderTest.available)
    func anyOf(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            try await database.write { db throws(MartletError) in
                for index in 1...50 {
                    try db.execute("INSERT INTO item (name, number) VALUES (\("n\(index)"), \(index))")
                }
            }
            let wanted = Array(stride(from: Int64(-1000), through: 9, by: 1))
            let found = try await database.read { db throws(MartletError) in
                try db.query("SELECT number FROM item WHERE number \(isAnyOf: wanted) ORDER BY number").map {
                    $0.integer(0)
                }
            }
            #expect(found == Array(1...9))
        }
    }

    @Test("several queries are answered in their order, however long they are", arguments: DriverUnderTest.available)
    func severalQueries(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            let long = Array(repeating: "'a text that fills' <> 'the statement'" as SQL, count: 100).joined(by: " AND ")
            for condition in ["1 = 1", long] {
                let answers = try await database.read { db throws(MartletError) in
                    try db.query(all: [
                        "SELECT count(*) FROM item WHERE \(condition)", "SELECT 7 WHERE \(condition)", "SELECT 8",
                    ])
                }
                #expect(answers.map { $0[0].integer(0) } == [0, 7, 8])
            }
        }
    }

    @Test("a statement in steps goes on until nothing is left", arguments: DriverUnderTest.available)
    func steps(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            try await database.write { db throws(MartletError) in
                var batch = SQLBatch("INSERT INTO item (name) VALUES (?)", columnCount: 1)
                for index in 0..<2_500 { batch.append(.text("n\(index)")) }
                try db.execute(batch)
            }
            try await database.executeInSteps { rowsMax in
                """
                DELETE FROM item WHERE item_key IN (
                    SELECT item_key FROM item WHERE name <> 'n7' ORDER BY item_key LIMIT \(rowsMax)
                )
                """
            }
            #expect(try await Self.rowCount(of: database) == 1)
        }
    }

    @Test("a migration applies once, and an unknown one is refused", arguments: DriverUnderTest.available)
    func migrations(driver: DriverUnderTest) async throws {
        try await driver.withDatabase { database in
            let now = Timestamp(milliseconds: 2)
            try await Migrator([DriverUnderTest.migration]).apply(to: database, at: now)
            let error = await #expect(throws: MartletError.self) { try await Migrator([]).apply(to: database, at: now) }
            #expect(error?.code == .conflict)
        }
    }

    private static func rowCount(of database: any Database) async throws(MartletError) -> Int64 {
        try await database.read { db throws(MartletError) in try Self.count(db) }
    }

    private static func count(_ db: any Connection) throws(MartletError) -> Int64 {
        try db.queryOne("SELECT count(*) FROM item")?.integer(0) ?? -1
    }
}
