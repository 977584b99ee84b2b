import FoundationEssentials
import MartletCore
import MartletSQL
import MartletSQLite
import Testing

@Suite("SQLite's write-ahead log")
struct WriteAheadLogTests {
    @Test("the log stays bounded while every reader is busy all the time")
    func bounded() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "test.sqlite").path
        let limits = ReadLimits(lookups: 2, searches: 1, duration: .seconds(60))
        let database = try SQLiteDatabase(path: path, readLimits: limits, walPagesPerCheckpoint: 50)
        try await Migrator([DriverUnderTest.migration]).apply(to: database, at: Timestamp(milliseconds: 1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            // More readers than connections, so that there is never a moment without a snapshot.
            for _ in 0..<6 {
                group.addTask { try await Self.readUntilCancelled(database) }
            }
            for index in 0..<1_500 {
                try await database.write { db throws(MartletError) in
                    var batch = SQLBatch("INSERT INTO item (name, content) VALUES (?, ?)", columnCount: 2)
                    batch.append(.text("n\(index)"), .bytes([UInt8](repeating: 1, count: 4_000)))
                    try db.execute(batch)
                }
            }
            group.cancelAll()
        }
        let size = try FileManager.default.attributesOfItem(atPath: "\(path)-wal")[.size] as? Int ?? .max
        // 1,500 rows of a page and more are over 6 MB; eight times fifty pages and what a commit adds are 2 MB.
        #expect(size < 3_000_000)
        try await database.close()
    }

    private static func readUntilCancelled(_ database: SQLiteDatabase) async throws {
        while !Task.isCancelled {
            _ = try await database.read { db throws(MartletError) in
                try db.query("SELECT count(*), sum(length(content)) FROM item").count
            }
        }
    }
}
