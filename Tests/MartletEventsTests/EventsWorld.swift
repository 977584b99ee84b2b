import MartletCore
import MartletEvents
import MartletJSON
import MartletLedger
import MartletSearch
import MartletSQL
import MartletTestSupport
import MartletWebhooks
import Synchronization

/// Everything that webhooks need, with a clock that stands still and a network that a test speaks for.
final class EventsWorld: Sendable {
    static let attempts = 3
    static let migrations = LedgerMigrations.all + EventMigrations.all
    static let act = Act(by: .anonymous)

    let database: any Database
    let network = TestNetwork()
    let webhooks: WebhookService
    let deliveries: DeliveryService
    let deliverer: Deliverer
    let bell = OutboxBell()
    private let clock: Clock

    /// Time, as tests move it.
    private final class Clock: Sendable {
        let milliseconds = Mutex<Int64>(1_795_276_826_192)
    }

    init(key: [UInt8] = .init(repeating: 7, count: 32), database: (any Database)? = nil) async throws {
        let clock = Clock()
        self.clock = clock
        let surroundings = Surroundings(
            now: { Timestamp(milliseconds: clock.milliseconds.withLock { $0 }) },
            randomBits: { (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)) }
        )
        self.database =
            if let database { database } else { try await makeTestDatabase(Self.migrations) }
        let secrets = WebhookSecrets(key: key)
        self.webhooks = WebhookService(
            database: self.database,
            surroundings: surroundings,
            secrets: secrets,
            sender: self.network
        )
        self.deliveries = DeliveryService(database: self.database, surroundings: surroundings)
        self.deliverer = Deliverer(
            database: self.database,
            surroundings: surroundings,
            secrets: secrets,
            sender: self.network,
            policy: RetryPolicy(attempts: Self.attempts)
        )
    }

    var now: Timestamp { Timestamp(milliseconds: self.clock.milliseconds.withLock { $0 }) }

    func pass(seconds: Int64) {
        self.clock.milliseconds.withLock { $0 += seconds * 1_000 }
    }

    @discardableResult
    func listen(
        to kinds: [EventKind] = [.versionMoved],
        at url: String = "https://receiver.example/hook",
        secret: String? = nil
    ) async throws -> Webhook {
        try await self.webhooks.create(
            NewWebhook(name: WebhookName(trusted: "hook"), url: url, kinds: kinds, secret: secret),
            by: Self.act
        )
    }

    /// Makes a webhook whose receiver stalls; all others answer at once.
    ///
    /// - Returns: What lets a stalled call end.
    func listenSlowly() async throws -> AsyncStream<Void>.Continuation {
        try await self.listen(at: "https://slow.example/")
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        self.network.answer { request in
            if request.target.host == "slow.example" { for await _ in ends { break } }
            return .answered(status: 200, body: "")
        }
        return end
    }

    /// Lets something happen to each of the subjects, one after the other; the messages say 0, 1, 2 and so on.
    func happen(_ kind: EventKind = .versionMoved, to subjects: [String] = ["model/1"]) async throws {
        let now = self.now
        try await self.database.write { db throws(MartletError) in
            for (number, subject) in subjects.enumerated() {
                try Outbox.append(kind, on: db) {
                    Event(kind, of: subject, at: now) { $0.member("n", Int64(number)) }
                }
            }
        }
    }

    func count(_ table: SQL) async throws -> Int64 {
        try await self.database.read { db throws(MartletError) in
            try db.queryOne("SELECT count(*) FROM \(table)")?.integer(0) ?? -1
        }
    }

    func states(of webhook: Webhook) async throws -> [Delivery.State] {
        try await self.deliveries.list(of: webhook.id, limit: 100).items.reversed().map(\.state)
    }
}

extension Deliverer {
    /// Sends what is due, one after the other, until nothing is or the task is cancelled.
    ///
    /// - Returns: How many attempts that were.
    @discardableResult
    func deliverDue() async throws(MartletError) -> Int {
        var count = 0
        while !Task.isCancelled, let delivery = try await self.take(upTo: 1).first {
            try await self.deliver(delivery)
            count += 1
        }
        return count
    }
}

/// Whoever is called, at any address.
final class TestNetwork: WebhookSender {
    typealias Answer = @Sendable (WebhookRequest) async -> WebhookOutcome

    /// No tuple: each look at a closure in a generic type wraps it once more, until its release overflows the stack.
    private struct State {
        var answer: Answer = { _ in .answered(status: 200, body: "") }
        var received: [WebhookRequest] = []
    }

    private let state = Mutex(State())

    var timeout: Duration { .seconds(10) }
    var received: [WebhookRequest] { self.state.withLock { $0.received } }

    /// The numbers that the messages of ``EventsWorld/happen(_:to:)`` bear.
    var numbers: [Int] {
        self.received.compactMap { $0.body.split(separator: "\"n\":").last?.prefix { $0.isNumber } }.compactMap {
            Int($0)
        }
    }

    func answer(_ answer: @escaping Answer) { self.state.withLock { $0.answer = answer } }

    func check(_ target: WebhookTarget) async throws(MartletError) {
        guard !target.host.hasSuffix("inside.example") else { throw .invalid("not there") }
    }

    func send(_ request: WebhookRequest) async -> WebhookOutcome {
        let answer = self.state.withLock { state in
            state.received.append(request)
            return state.answer
        }
        return await answer(request)
    }
}

extension WebhookRequest {
    func header(_ name: String) -> String? { self.headers.first { $0.name == name }?.value }
}
