import FoundationEssentials
import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletSQLite
import MartletServer
import MartletTestSupport
import NIOCore
import Testing

@Suite("Inspecting a data folder")
struct DataFolderInspectionTests {
    @Test("an inspection changes nothing in the folder")
    func untouched() async throws {
        try await Self.withFolder { path in
            let before = try Self.contents(of: path)
            let report = try await Self.inspect(path)
            #expect(report.isHealthy)
            #expect(report.intactBlobs == 1)
            #expect(try Self.contents(of: path) == before)
        }
    }

    @Test("what a killed server has left in SQLite's log is seen and stays there")
    func killedServer() async throws {
        try await Self.withFolder { path in
            let server = try ServerStore(dataPath: path)
            try await server.database.write { db throws(MartletError) in
                try db.execute(
                    "INSERT INTO blob (sha256, size, created_ms) VALUES (\(BlobDigest(bytes: Self.zeros)), 1, 0)"
                )
            }
            try await withTemporaryFolder { copy in
                try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
                let names = ["martlet.sqlite", "martlet.sqlite-wal", "blobs"]
                for name in names {
                    try FileManager.default.copyItem(atPath: "\(path)/\(name)", toPath: "\(copy)/\(name)")
                }
                let before = try Self.contents(of: copy)
                let report = try await Self.inspect(copy)
                #expect(report.findings.count { !$0.isHarmless } == 1)
                let after = try Self.contents(of: copy)
                for (name, content) in before { #expect(after[name] == content, "\(name)") }
            }
            try await server.close()
        }
    }

    private static let zeros = [UInt8](repeating: 0, count: 32)

    @Test("a copy without a lock and without empty folders is inspected, and nothing is added to it")
    func copies() async throws {
        try await Self.withFolder { path in
            try FileManager.default.removeItem(atPath: "\(path)/lock")
            try FileManager.default.removeItem(atPath: "\(path)/blobs/staging")
            for shard in try FileManager.default.contentsOfDirectory(atPath: "\(path)/blobs/plain") {
                let folder = "\(path)/blobs/plain/\(shard)"
                if try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty {
                    try FileManager.default.removeItem(atPath: folder)
                }
            }
            let before = try Self.contents(of: path)
            #expect(try await Self.inspect(path).isHealthy)
            #expect(try Self.contents(of: path) == before)
        }
    }

    @Test("a copy without any blobs is damaged")
    func missingBlobs() async throws {
        try await Self.withFolder { path in
            try FileManager.default.removeItem(atPath: "\(path)/blobs")
            let report = try await Self.inspect(path)
            #expect(!report.isHealthy)
            #expect(!FileManager.default.fileExists(atPath: "\(path)/blobs"))
        }
    }

    @Test(
        "data of another version is refused in words and stays as it is",
        arguments: [
            (
                [
                    "ALTER TABLE upload DROP COLUMN completed_ms",
                    "DELETE FROM migration WHERE name LIKE 'artifacts/0003%'",
                ],
                "older"
            ),
            (["INSERT INTO migration (name, applied_ms) VALUES ('artifacts/9999-future', 0)"], "newer"),
            (["DROP TABLE migration"], "older"),
        ] as [([String], String)]
    )
    func otherVersions(statements: [String], word: String) async throws {
        try await Self.withFolder { path in
            let database = try SQLiteDatabase(path: "\(path)/martlet.sqlite")
            try await database.write { db throws(MartletError) in
                for statement in statements { try db.execute(SQL(stringLiteral: statement)) }
            }
            try await database.close()
            let before = try Self.contents(of: path)
            do {
                _ = try await Self.inspect(path)
                Issue.record("it was inspected")
            } catch let error as MartletError {
                #expect(error.code == .conflict)
                #expect(error.message.contains("\(word) version"))
            }
            #expect(try Self.contents(of: path) == before)
        }
    }

    @Test("a folder that a server is using is not inspected")
    func lockedFolder() async throws {
        try await Self.withFolder { path in
            let server = try ServerStore(dataPath: path)
            #expect(throws: MartletError.self) { try ServerStore(existingAt: path) }
            try await server.close()
        }
    }

    @Test("no server starts on a copy without a lock while it is inspected")
    func unlockedCopy() async throws {
        try await Self.withFolder { path in
            try FileManager.default.removeItem(atPath: "\(path)/lock")
            let inspected = try ServerStore(existingAt: path)
            #expect(throws: MartletError.self) { try ServerStore(dataPath: path) }
            try await inspected.close()
        }
    }

    private static func inspect(_ path: String) async throws -> DataFolderInspection.Report {
        let store = try ServerStore(existingAt: path)
        do {
            let report = try await DataFolderInspection(store).run(.contents)
            try await store.close()
            return report
        } catch {
            try await store.close()
            throw error
        }
    }

    /// Lends a folder that a server has used and left, with one file in it.
    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        try await withTemporaryFolder { path in
            do {
                let store = try ServerStore(dataPath: path)
                _ = try await store.openDomain()
                let upload = try await store.blobs.beginUpload()
                try await upload.append(ByteBuffer(string: "content"))
                let blob = try await upload.commit()
                try await store.database.write { db throws(MartletError) in
                    try db.execute(
                        "INSERT INTO blob (sha256, size, created_ms) VALUES (\(blob.digest), \(blob.size), 0)"
                    )
                }
                try await store.close()
            }
            // As another process would have left it.
            try Data("1\n".utf8).write(to: URL(filePath: "\(path)/lock"))
            try await body(path)
        }
    }

    /// Every file below a folder with its bytes, and every folder.
    private static func contents(of path: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            contents[name] = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
        }
        return contents
    }
}
