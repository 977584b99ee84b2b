import FoundationEssentials
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletSQLite
import MartletTestSupport
import NIOCore
import Synchronization
import Testing

@Suite("Collecting blobs that nobody names")
struct BlobCollectorTests {
    @Test("bytes outlive their last name by the grace period, and not for ever")
    func gracePeriod() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("old", at: "a")
            try await world.put("new", at: "a")
            try await world.put("kept", at: "b")
            world.clock.advance(hours: 23)
            #expect(try await world.collector.collect() == 0)
            #expect(try await world.files().count == 3)
            world.clock.advance(hours: 2)
            #expect(try await world.collector.collect() == 1)
            #expect(try await world.files().count == 2)
            #expect(try await world.count("blob") == 2)
            #expect(try await world.text(at: "a") == "new")
            #expect(try await world.text(at: "b") == "kept")
        }
    }

    @Test("a new name within the grace period saves the bytes, and the period starts over with the next deletion")
    func saving() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.delete("a")
            world.clock.advance(hours: 20)
            try await world.put("x", at: "b")
            world.clock.advance(hours: 100)
            #expect(try await world.collector.collect() == 0)
            #expect(try await world.text(at: "b") == "x")
            try await world.delete("b")
            #expect(try await world.collector.collect() == 0)
            world.clock.advance(hours: 25)
            #expect(try await world.collector.collect() == 1)
            #expect(try await world.files().isEmpty)
        }
    }

    @Test("bytes that were collected can come back")
    func returning() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.delete("a")
            world.clock.advance(days: 2)
            #expect(try await world.collector.collect() == 1)
            try await world.put("x", at: "a")
            #expect(try await world.text(at: "a") == "x")
        }
    }

    @Test("a blob that is needed although it was condemned stays")
    func heldAndCondemned() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.database.write { db throws(MartletError) in
                try db.execute("UPDATE blob SET condemned_ms = 0")
            }
            #expect(try await world.collector.collect() == 0)
            #expect(try await world.text(at: "a") == "x")
        }
    }

    @Test("a table that needs bytes and was forgotten makes the collector fail, and loses nothing")
    func forgottenHolder() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.database.write { db throws(MartletError) in
                try db.execute("CREATE TABLE holder (sha256 \(.bytes) NOT NULL REFERENCES blob) \(SQL.strictTable)")
                try db.execute("INSERT INTO holder SELECT sha256 FROM blob")
            }
            try await world.delete("a")
            world.clock.advance(days: 2)
            #expect(try await errorCode { _ = try await world.collector.collect() } == .notFound)
            #expect(try await world.files().count == 1)
        }
    }

    @Test("many are collected, page by page, and those in between stay")
    func pages() async throws {
        try await ArtifactWorld.with { world in
            for number in 0..<150 { try await world.put("\(number)", at: "\(number % 2)/\(number)") }
            try await world.delete("0")
            world.clock.advance(days: 2)
            #expect(try await world.collector.collect() == 75)
            #expect(try await world.files().count == 75)
            for number in 0..<75 { _ = try await world.text(at: "1/\(number * 2 + 1)") }
        }
    }

    @Test("files without a row are collected a grace period after they were first seen")
    func unnamedFiles() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("named", at: "a")
            _ = try await world.commit("unnamed")
            #expect(try await world.collector.condemnUnnamed() == 1)
            #expect(try await world.collector.condemnUnnamed() == 0)
            #expect(try await world.collector.collect() == 0)
            world.clock.advance(hours: 25)
            #expect(try await world.collector.collect() == 1)
            #expect(try await world.files().count == 1)
            #expect(try await world.text(at: "a") == "named")
        }
    }

    @Test("an unnamed file that was cut short is replaced by an upload, with the right size in its row")
    func damagedUnnamedFile() async throws {
        try await ArtifactWorld.with { world in
            let blob = try await world.commit("unnamed")
            try Data("un".utf8).write(to: URL(filePath: world.storedPath(of: blob.digest)))
            #expect(try await world.collector.condemnUnnamed() == 1)
            try await world.put("unnamed", at: "a")
            #expect(try await world.text(at: "a") == "unnamed")
        }
    }

    @Test("a crash between row and file leaves a file that is collected later")
    func crash() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.delete("a")
            try await world.database.write { db throws(MartletError) in try db.execute("DELETE FROM blob") }
            #expect(try await world.collector.condemnUnnamed() == 1)
            world.clock.advance(hours: 25)
            #expect(try await world.collector.collect() == 1)
            #expect(try await world.files().isEmpty)
        }
    }
}

@Suite("Collecting while uploads go on")
struct CollectorRaceTests {
    @Test("an upload that has found its bytes stored already keeps the collector away until they are named")
    func lateName() async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.delete("a")
            world.clock.advance(days: 2)
            let collected = Mutex<Int?>(nil)
            let slow = SlowDatabase(base: world.database) {
                // The upload has looked at the store, and its row is about to be written.
                let count = try await world.collector.collect()
                collected.withLock { $0 = count }
            }
            try await world.artifacts(over: slow).put(.text("x"), at: try ArtifactPath(validating: "b"), in: .mlflow)
            #expect(collected.withLock { $0 } == 0)
            #expect(try await world.text(at: "b") == "x")
        }
    }

    @Test("whatever uploads, deletions and collectors do at once, no name is without its bytes")
    func storm() async throws {
        try await ArtifactWorld.with { world in
            let collecting = Task {
                while !Task.isCancelled {
                    world.clock.advance(hours: 25)
                    _ = try await world.collector.condemnUnnamed()
                    _ = try await world.collector.collect()
                }
            }
            try await withThrowingTaskGroup { group in
                for client in 0..<6 {
                    group.addTask { try await Self.comeAndGo(client, world) }
                }
                try await group.waitForAll()
            }
            collecting.cancel()
            try await collecting.value
            _ = try await world.collector.condemnUnnamed()
            world.clock.advance(days: 2)
            _ = try await world.collector.collect()
            #expect(try await world.files().isEmpty)
        }
    }

    /// Few contents for many clients, so that everybody meets everybody.
    private static func comeAndGo(_ client: Int, _ world: ArtifactWorld) async throws {
        for round in 0..<150 {
            let (text, path) = ("content \(round % 3)", "\(client)/\(round % 3)")
            try await world.put(text, at: path)
            #expect(try await world.text(at: path) == text)
            try await world.delete(path)
        }
    }
}

extension ArtifactWorld {
    /// Everything that is stored.
    func files() async throws -> [StoredBlob] {
        var files: [StoredBlob] = []
        while case let page = try await self.store.list(after: files.last?.digest), !page.isEmpty { files += page }
        return files
    }

    /// Stores bytes without a name.
    func commit(_ text: String) async throws -> StoredBlob {
        let upload = try await self.store.beginUpload()
        try await upload.append(ByteBuffer(string: text))
        return try await upload.commit()
    }
}

/// Does something before each write.
struct SlowDatabase: Database {
    let base: any Database
    let beforeWrite: @Sendable () async throws -> Void

    func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.base.read(extent, body)
    }

    func close() async throws(MartletError) { try await self.base.close() }

    func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        do {
            try await self.beforeWrite()
        } catch {
            throw MartletError(.internal, "\(error)")
        }
        return try await self.base.write(scope, body)
    }
}
