import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletJournal
import MartletServer
import MartletSQL
import MartletTestSupport
import NIOCore
import Synchronization
import Testing

@Suite("Copying a registry")
struct RegistryCopyTests {
    private static let now = Timestamp(milliseconds: 1)

    @Test("a copy is sound, has every row and every byte, and serves")
    func copy() async throws {
        try await self.withSourceAndTarget { source, target in
            let report = try await Self.copy(source, target).run(at: Self.now) { _ in }
            #expect(report.blobCount == 1)
            #expect(report.blobBytes == 4)
            #expect(report.ledgerEntries == 5)
            #expect(report.rowCount == 20)
            let inspection = try await DataFolderInspection(target).run(.contents)
            #expect(inspection.isHealthy)
            #expect(inspection.intactVersions == 2)
            #expect(inspection.intactBlobs == 1)
            // With a key of its own, which the ledger is told.
            _ = try await target.openDomain()
            let after = try await DataFolderInspection(target).run(.contents)
            #expect(after.ledgerEntries == 6)
        }
    }

    @Test("a copy that was interrupted goes on, and nobody is served before it has ended", arguments: [2, 3, 8])
    func interrupted(afterWrites count: Int) async throws {
        try await self.withSourceAndTarget { source, target in
            let failing = FailingDatabase(target.database, afterWrites: count)
            let code = try await errorCode {
                let copy = RegistryCopy(from: source.database, to: failing, blobs: (source.blobs, target.blobs))
                _ = try await copy.run(at: Self.now) { _ in }
            }
            #expect(code == .unavailable)
            #expect(try await errorCode { _ = try await target.openDomain() } == .conflict)
            _ = try await Self.copy(source, target).run(at: Self.now) { _ in }
            _ = try await target.openDomain()
            #expect(try await DataFolderInspection(target).run(.contents).isHealthy)
        }
    }

    @Test("nothing is copied over a registry that is there already")
    func occupied() async throws {
        try await self.withSourceAndTarget { source, target in
            _ = try await target.openDomain()
            let code = try await errorCode { _ = try await Self.copy(source, target).run(at: Self.now) { _ in } }
            #expect(code == .conflict)
        }
    }

    @Test("bytes that are not what their name says are not taken")
    func damagedBytes() async throws {
        try await self.withSourceAndTarget { source, target in
            try await source.database.write { db throws(MartletError) in
                try db.execute("UPDATE blob SET size = 3")
            }
            let code = try await errorCode { _ = try await Self.copy(source, target).run(at: Self.now) { _ in } }
            #expect(code == .integrity)
            #expect(try await errorCode { _ = try await target.openDomain() } == .conflict)
        }
    }

    @Test("what a killed server has not brought into its database yet is not left behind")
    func unfinishedDecisions() async throws {
        try await withTemporaryFolder { folder in
            let source = try ServerStore(dataPath: "\(folder)/source")
            _ = try await source.openDomain()
            try await source.close()
            try await leaveOneRecord(in: "\(folder)/source/decisions")
            let target = RegistryPlace(rows: .folder("\(folder)/target"), bytes: .folder("\(folder)/target"))
            let code = try await errorCode {
                let source = RegistryPlace(rows: .folder("\(folder)/source"), bytes: .folder("\(folder)/source"))
                _ = try await RegistryCopy.run(from: source, to: target) { _ in }
            }
            #expect(code == .conflict)
        }
    }

    private static func copy(_ source: ServerStore, _ target: ServerStore) -> RegistryCopy {
        RegistryCopy(from: source.database, to: target.database, blobs: (source.blobs, target.blobs))
    }

    private func withSourceAndTarget(
        _ body: @escaping @Sendable (ServerStore, ServerStore) async throws -> Void
    ) async throws {
        try await withVersions { source in
            try await withTemporaryFolder { path in
                let target = try ServerStore(dataPath: path)
                try await body(source, target)
                try await target.close()
            }
        }
    }
}

/// A database that breaks down after some writes.
private final class FailingDatabase: Database {
    private let database: any Database
    private let writesLeft: Mutex<Int>

    init(_ database: any Database, afterWrites count: Int) {
        self.database = database
        self.writesLeft = Mutex(count)
    }

    func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.read(extent, body)
    }

    func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let isBroken = self.writesLeft.withLock { left in
            left -= 1
            return left < 0
        }
        guard !isBroken else { throw MartletError(.unavailable, "it broke down") }
        return try await self.database.write(scope, body)
    }

    func close() async throws(MartletError) { try await self.database.close() }
}

/// Leaves in a journal what a killed server may have left.
private func leaveOneRecord(in folder: String) async throws {
    struct Record: JournalEntry {
        func write(to buffer: inout ByteBuffer) { buffer.writeInteger(UInt8(1)) }
    }
    let files = try JournalFiles(folder: folder)
    await withCheckedContinuation { isDone in
        Journal<Record>(files) { _, _ in isDone.resume() }.append(Record())
    }
    await files.close()
}
