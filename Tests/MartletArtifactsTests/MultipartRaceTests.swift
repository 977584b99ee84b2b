import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore
import Synchronization
import Testing

@Suite("Uploads in parts, while they are being completed")
struct MultipartRaceTests {
    @Test("a part that is sent again meanwhile takes nothing away, and is told that it came too late")
    func replacedPart() async throws {
        try await ArtifactWorld.with { world in
            let meanwhile = Meanwhile()
            let uploads = world.uploads(over: SlowStore(base: world.store) { await meanwhile.run() })
            let id = try await world.create(1)
            let part = try await uploads.put(.text("first"), asPart: 1, of: id)
            meanwhile.set { _ = try await uploads.put(.text("second"), asPart: 1, of: id) }
            try await world.complete(id, [part], by: uploads)
            #expect(try await world.text(at: "run/model.bin") == "first")
            #expect(try await errorCode { try await meanwhile.end() } == .conflict)
            #expect(try world.stagedNames() == [])
        }
    }

    @Test("a second completion waits for the first and agrees with it")
    func secondCompletion() async throws {
        try await ArtifactWorld.with { world in
            let meanwhile = Meanwhile()
            let assemblies = Mutex(0)
            let uploads = world.uploads(
                over: SlowStore(base: world.store) {
                    assemblies.withLock { $0 += 1 }
                    await meanwhile.run()
                }
            )
            let id = try await world.create(1)
            let part = try await uploads.put(.text("a"), asPart: 1, of: id)
            meanwhile.set { try await world.complete(id, [part], by: uploads) }
            try await world.complete(id, [part], by: uploads)
            try await meanwhile.end()
            #expect(assemblies.withLock { $0 } == 1)
        }
    }

    @Test("giving an upload up meanwhile comes too late")
    func abortion() async throws {
        try await ArtifactWorld.with { world in
            let meanwhile = Meanwhile()
            let uploads = world.uploads(over: SlowStore(base: world.store) { await meanwhile.run() })
            let path = try ArtifactPath(validating: "run/model.bin")
            let id = try await world.create(1)
            let part = try await uploads.put(.text("a"), asPart: 1, of: id)
            meanwhile.set { try await uploads.abort(id, at: path, in: .mlflow) }
            try await world.complete(id, [part], by: uploads)
            #expect(try await errorCode { try await meanwhile.end() } == .notFound)
            #expect(try await world.text(at: "run/model.bin") == "a")
        }
    }

    @Test("an old upload that is being completed is not forgotten")
    func sweep() async throws {
        try await ArtifactWorld.with { world in
            let meanwhile = Meanwhile()
            let uploads = world.uploads(over: SlowStore(base: world.store) { await meanwhile.run() })
            let id = try await world.create(1)
            let part = try await uploads.put(.text("a"), asPart: 1, of: id)
            world.clock.advance(days: 8)
            meanwhile.set { try await uploads.forgetOld() }
            try await world.complete(id, [part], by: uploads)
            try await meanwhile.end()
            #expect(try await world.text(at: "run/model.bin") == "a")
        }
    }
}

/// Something that begins in the middle of something else, once, gets a head start and goes on by itself.
private final class Meanwhile: Sendable {
    private let work = Mutex<(@Sendable () async throws -> Void)?>(nil)
    private let task = Mutex<Task<Void, any Error>?>(nil)

    func set(_ work: @escaping @Sendable () async throws -> Void) {
        self.work.withLock { $0 = work }
    }

    func run() async {
        guard
            let work = self.work.withLock({ work in
                defer { work = nil }
                return work
            })
        else { return }
        self.task.withLock { $0 = Task { try await work() } }
        // Whoever is not kept waiting has ended by then.
        try? await Task.sleep(for: .milliseconds(200))
    }

    /// Waits for it, and throws what it has thrown.
    func end() async throws {
        try await self.task.withLock { $0 }?.value
    }
}

/// Lets something happen before parts are put together.
private struct SlowStore: BlobStore {
    let base: any BlobStore
    let beforeAssembly: @Sendable () async -> Void

    func beginUpload() async throws(MartletError) -> any BlobUpload { try await self.base.beginUpload() }

    func assemble(_ parts: [StagedPart]) async throws(MartletError) -> any BlobUpload {
        await self.beforeAssembly()
        return try await self.base.assemble(parts)
    }

    func listStaged() async throws(MartletError) -> [StagedPartID] { try await self.base.listStaged() }

    func removeStaged(_ parts: [StagedPartID]) async throws(MartletError) { try await self.base.removeStaged(parts) }

    func size(of digest: BlobDigest) async throws(MartletError) -> Int64? { try await self.base.size(of: digest) }

    func read(_ digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes {
        try await self.base.read(digest, range)
    }

    func delete(_ digest: BlobDigest) async throws(MartletError) { try await self.base.delete(digest) }

    func list(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob] {
        try await self.base.list(after: digest)
    }
}
