import MartletCore
import MartletEvents
import MartletSQL
import MartletTestSupport
import MartletWebhooks
import Synchronization
import Testing

/// Nobody waits for the second look of its own accord: whatever happens, happens because somebody rang.
@Suite("Handing out deliveries", .timeLimit(.minutes(1)))
struct DispatcherTests {
    /// Runs a dispatcher for as long as `body` takes.
    private static func dispatching(
        _ world: EventsWorld,
        report: @escaping @Sendable (MartletError?) -> Void = { _ in },
        _ body: () async throws -> Void
    ) async throws {
        let dispatcher = DeliveryDispatcher(world.deliverer, world.bell)
        let running = Task { await dispatcher.run(every: .seconds(3_600), report) }
        do { try await body() } catch {
            running.cancel()
            throw error
        }
        running.cancel()
        await running.value
    }

    private static func wait(until condition: () async throws -> Bool) async throws {
        while try await !condition() { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test("a server with nothing to deliver makes one statement for each look")
    func idle() async throws {
        let database = CountedDatabase(try await makeTestDatabase(EventsWorld.migrations))
        let world = try await EventsWorld(database: database)
        try await world.listen()
        let before = database.count
        let looks = Mutex(0)
        try await Self.dispatching(world, report: { _ in looks.withLock { $0 += 1 } }) {
            for look in 1...5 {
                try await Self.wait { looks.withLock { $0 } == look }
                #expect(database.count == before + look)
                world.bell.ring()
            }
        }
    }

    @Test("as many receivers are called at once as a server may, two of them for one webhook, and then the others")
    func manyAtOnce() async throws {
        let world = try await EventsWorld()
        let (callsMax, hosts) = (DeliveryDispatcher.callsMax, DeliveryDispatcher.callsMax / 2 + 2)
        for host in 0..<hosts { try await world.listen(at: "https://\(host).example/") }
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let isOpen = Mutex(false)
        world.network.answer { _ in
            if !isOpen.withLock({ $0 }) { for await _ in ends { break } }
            return .answered(status: 200, body: "")
        }
        try await world.happen(to: ["model/1", "model/2", "model/3"])
        try await Self.dispatching(world) {
            try await Self.wait { world.network.received.count == callsMax }
            world.bell.ring()
            let calls = Dictionary(grouping: world.network.received, by: \.target.host).mapValues(\.count)
            #expect(calls.values.allSatisfy { $0 <= 2 })
            #expect(try await world.count("delivery WHERE lease IS NOT NULL") == Int64(callsMax))
            isOpen.withLock { $0 = true }
            end.finish()
            try await Self.wait { try await world.count("delivery WHERE state = 'delivered'") == Int64(3 * hosts) }
        }
        #expect(Set(world.network.received.map { $0.header("X-MLflow-Delivery-Id") }).count == 3 * hosts)
        #expect(world.network.received.count == 3 * hosts)
    }

    @Test("what happened to one subject is told in order, each as soon as the one before has arrived")
    func order() async throws {
        let world = try await EventsWorld()
        try await world.listen()
        try await world.happen(to: .init(repeating: "model/1", count: 30))
        try await Self.dispatching(world) {
            try await Self.wait { try await world.count("delivery WHERE state = 'delivered'") == 30 }
        }
        #expect(world.network.numbers == Array(0..<30))
    }

    @Test("a write of this server is told of at once, also while a receiver stalls")
    func ring() async throws {
        let world = try await EventsWorld()
        let end = try await world.listenSlowly()
        try await world.happen(to: (0..<9).map { "model/\($0)" })
        let others = try await EventsWorld(database: OutboxDatabase(world.database, world.bell))
        try await Self.dispatching(world) {
            try await Self.wait { world.network.received.count == 2 }
            try await others.listen(to: [.deploymentChanged], at: "https://quick.example/")
            try await others.happen(.deploymentChanged)
            try await Self.wait { world.network.received.last?.target.host == "quick.example" }
            #expect(world.network.received.count == 3)
            end.finish()
        }
    }

    @Test("a look that fails is told of, and the next one finds what is due")
    func failing() async throws {
        let database = CountedDatabase(try await makeTestDatabase(EventsWorld.migrations))
        let world = try await EventsWorld(database: database)
        try await world.listen()
        try await world.happen()
        let codes = Mutex<[MartletError.Code?]>([])
        database.fail(true)
        try await Self.dispatching(world, report: { error in codes.withLock { $0.append(error?.code) } }) {
            try await Self.wait { codes.withLock { $0 } == [.unavailable] }
            database.fail(false)
            world.bell.ring()
            try await Self.wait { world.network.received.count == 1 }
            #expect(codes.withLock { $0.dropFirst().allSatisfy { $0 == nil } })
        }
    }
}

/// A database that counts what is asked of it, and can be away.
private final class CountedDatabase: Database {
    private let database: any Database
    private let state = Mutex((count: 0, isAway: false))

    init(_ database: any Database) { self.database = database }

    /// Of statements.
    var count: Int { self.state.withLock { $0.count } }

    func fail(_ isAway: Bool) { self.state.withLock { $0.isAway = isAway } }

    private func use() throws(MartletError) {
        let isAway = self.state.withLock { $0.isAway }
        if isAway { throw MartletError(.unavailable, "away") }
    }

    func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try self.use()
        return try await self.database.read(extent) { db throws(MartletError) in
            try body(CountedConnection(connection: db) { self.state.withLock { $0.count += 1 } })
        }
    }

    func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try self.use()
        return try await self.database.write(scope) { db throws(MartletError) in
            try body(CountedConnection(connection: db) { self.state.withLock { $0.count += 1 } })
        }
    }

    func close() async throws(MartletError) { try await self.database.close() }
}

private struct CountedConnection: Connection {
    let connection: any Connection
    let count: () -> Void

    func query(_ sql: SQL) throws(MartletError) -> SQLRows {
        self.count()
        return try self.connection.query(sql)
    }

    func execute(_ sql: SQL) throws(MartletError) -> Int {
        self.count()
        return try self.connection.execute(sql)
    }

    func execute(_ batch: SQLBatch) throws(MartletError) {
        self.count()
        try self.connection.execute(batch)
    }
}
