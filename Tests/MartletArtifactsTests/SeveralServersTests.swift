import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletSQL
import MartletTestSupport
import Synchronization
import Testing

@Suite("Several servers that share rows and bytes")
struct SeveralServersTests {
    /// Has bytes that any collector would take.
    private func withCondemned(_ body: (ArtifactWorld) async throws -> Void) async throws {
        try await ArtifactWorld.with { world in
            try await world.put("x", at: "a")
            try await world.delete("a")
            world.clock.advance(days: 2)
            try await body(world)
        }
    }

    @Test("an upload of bytes that another server is removing waits, and stores them")
    func uploadDuringRemoval() async throws {
        try await self.withCondemned { world in
            let uploader = world.server(over: InterceptedStore(base: world.store))
            let upload = Mutex<Task<Void, any Error>?>(nil)
            var store = InterceptedStore(base: world.store)
            store.beforeDeletion = {
                upload.withLock { $0 = Task { try await uploader.put("x", at: "b") } }
                // Who does not wait has ended by then.
                try await Task.sleep(for: .milliseconds(300))
            }
            #expect(try await world.server(over: store).collector.collect() == 1)
            try await upload.withLock { $0 }?.value
            #expect(try await world.text(at: "b") == "x")
        }
    }

    @Test("an upload that has found bytes which another server then removes is refused, and succeeds when repeated")
    func removalDuringUpload() async throws {
        try await self.withCondemned { world in
            let collector = world.server(over: InterceptedStore(base: world.store)).collector
            let slow = SlowDatabase(base: world.database) { _ = try await collector.collect() }
            let uploader = world.server(over: InterceptedStore(base: world.store), database: slow)
            #expect(try await errorCode { try await uploader.put("x", at: "b") } == .unavailable)
            #expect(try await world.files().isEmpty)
            try await uploader.put("x", at: "b")
            #expect(try await world.text(at: "b") == "x")
        }
    }

    @Test("what a server has begun to remove when it died, another one ends")
    func abandonedRemoval() async throws {
        try await self.withCondemned { world in
            var store = InterceptedStore(base: world.store)
            store.beforeDeletion = { throw MartletError(.internal, "the server dies") }
            let dying = world.server(over: store).collector
            #expect(try await errorCode { _ = try await dying.collect() } == .internal)
            let other = world.server(over: InterceptedStore(base: world.store))
            #expect(try await other.collector.collect() == 0)
            world.clock.advance(hours: 1)
            #expect(try await other.collector.collect() == 1)
            #expect(try await world.files().isEmpty)
            try await other.put("x", at: "b")
            #expect(try await world.text(at: "b") == "x")
        }
    }

    @Test("a file that was listed and then removed by another server gets no row")
    func removalDuringListing() async throws {
        try await self.withCondemned { world in
            let other = world.server(over: InterceptedStore(base: world.store)).collector
            var store = InterceptedStore(base: world.store)
            store.afterListing = { _ = try await other.collect() }
            let condemnedCount = try await world.server(over: store).collector.condemnUnnamed()
            #expect(condemnedCount == 0)
            #expect(try await world.count("blob") == 0)
        }
    }

    @Test("whatever servers do at once, no name is without its bytes")
    func storm() async throws {
        try await ArtifactWorld.with { world in
            let servers = (0..<3).map { _ in world.server(over: InterceptedStore(base: world.store)) }
            let work = Work(clients: 6)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<6 {
                    group.addTask { try await Self.comeAndGo(index, servers[index % 3], world, work) }
                }
                for server in servers {
                    group.addTask { try await Self.collect(server, world, until: work) }
                }
                try await group.waitForAll()
            }
        }
    }

    /// How many clients are still at work.
    private final class Work: Sendable {
        let clients: Atomic<Int>

        init(clients: Int) {
            self.clients = Atomic(clients)
        }
    }

    private static func collect(_ server: ArtifactServer, _ world: ArtifactWorld, until work: Work) async throws {
        while work.clients.load(ordering: .relaxed) > 0 {
            world.clock.advance(hours: 9)
            _ = try await server.collector.condemnUnnamed()
            _ = try await server.collector.collect()
        }
    }

    /// Few contents for many clients, so that everybody meets everybody. Who is told to try again does.
    private static func comeAndGo(
        _ client: Int,
        _ server: ArtifactServer,
        _ world: ArtifactWorld,
        _ work: Work
    ) async throws {
        defer { work.clients.subtract(1, ordering: .relaxed) }
        for round in 0..<60 {
            let (text, path) = ("content \(round % 3)", "\(client)/\(round % 3)")
            var code: MartletError.Code?
            repeat {
                code = try await errorCode { try await server.put(text, at: path) }
                try #require(code == nil || code == .unavailable)
            } while code != nil
            #expect(try await world.text(at: path) == text)
            try await server.delete(path)
        }
    }
}

@Suite("Uploads in parts through several servers")
struct SeveralServersMultipartTests {
    @Test("two that complete an upload agree")
    func twoCompletions() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let part = try await world.uploads.put(.text("a"), asPart: 1, of: id)
            var store = InterceptedStore(base: world.store)
            store.beforeAssembly = { try await world.complete(id, [part]) }
            try await world.complete(id, [part], by: world.server(over: store).uploads)
            #expect(try await world.text(at: "run/model.bin") == "a")
        }
    }

    @Test("a part that arrives through another server, while the upload is being completed, is not ignored")
    func replacedPart() async throws {
        try await ArtifactWorld.with { world in
            let id = try await world.create(1)
            let part = try await world.uploads.put(.text("first"), asPart: 1, of: id)
            var store = InterceptedStore(base: world.store)
            store.beforeAssembly = { _ = try await world.uploads.put(.text("second"), asPart: 1, of: id) }
            let other = world.server(over: store).uploads
            #expect(try await errorCode { try await world.complete(id, [part], by: other) } == .conflict)
            #expect(try await world.count("artifact") == 0)
        }
    }

    @Test("an upload that is given up through another server, while it is being completed, makes no file")
    func abortion() async throws {
        try await ArtifactWorld.with { world in
            let path = try ArtifactPath(validating: "run/model.bin")
            let id = try await world.create(1)
            let part = try await world.uploads.put(.text("a"), asPart: 1, of: id)
            var store = InterceptedStore(base: world.store)
            store.beforeAssembly = { try await world.uploads.abort(id, at: path, in: .mlflow) }
            let other = world.server(over: store).uploads
            #expect(try await errorCode { try await world.complete(id, [part], by: other) } == .notFound)
            #expect(try await world.count("artifact") == 0)
        }
    }
}
