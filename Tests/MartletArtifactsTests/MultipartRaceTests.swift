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
            let uploads = world.uploads(
                over: InterceptedStore(base: world.store, isShared: false, beforeAssembly: { await meanwhile.run() })
            )
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
                over: InterceptedStore(base: world.store, isShared: false) {
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
            let uploads = world.uploads(
                over: InterceptedStore(base: world.store, isShared: false, beforeAssembly: { await meanwhile.run() })
            )
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
            let uploads = world.uploads(
                over: InterceptedStore(base: world.store, isShared: false, beforeAssembly: { await meanwhile.run() })
            )
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
