import MartletCore
import MartletEvents
import MartletSearch
import MartletSQL
import MartletTestSupport
import MartletWebhooks
import Synchronization
import Testing

@Suite("Deliveries")
struct DeliveryTests {
    @Test("what happened to one subject is told in order, however many tell it at once")
    func order() async throws {
        let world = try await EventsWorld()
        try await world.listen()
        try await world.happen(to: .init(repeating: "model/1", count: 30))
        await withThrowingTaskGroup { tasks in
            for _ in 0..<4 { tasks.addTask { try await world.deliverer.deliverDue() } }
        }
        #expect(world.network.numbers == Array(0..<30))
    }

    @Test("the second waits while the first is repeated; another subject does not")
    func retry() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        let isDown = Mutex(true)
        world.network.answer { request in
            let fails = request.body.contains("\"n\":0") && isDown.withLock { $0 }
            return fails ? .answered(status: 500, body: "") : .answered(status: 204, body: "")
        }
        try await world.happen(to: ["model/1", "model/1", "model/2"])
        try await world.deliverer.deliverDue()
        #expect(world.network.numbers == [0, 2])
        #expect(try await world.states(of: webhook) == [.due, .queued, .delivered])
        isDown.withLock { $0 = false }
        try await world.deliverer.deliverDue()
        #expect(world.network.numbers == [0, 2])
        world.pass(seconds: 2)
        try await world.deliverer.deliverDue()
        #expect(world.network.numbers == [0, 2, 0, 1])
        #expect(try await world.states(of: webhook) == [.delivered, .delivered, .delivered])
        let ids = world.network.received.map { $0.header("X-MLflow-Delivery-Id") }
        #expect(ids[0] == ids[2])
        #expect(Set(ids).count == 3)
    }

    @Test("pauses double, are at least half of that, and end with the last attempt")
    func backOff() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        world.network.answer { _ in .failed("nobody home") }
        try await world.happen(to: ["model/1", "model/1"])
        for (attempt, pause) in [(1, 2_000), (2, 4_000)] as [(Int64, Int64)] {
            try await world.deliverer.deliverDue()
            let delivery = try #require(try await world.deliveries.list(of: webhook.id, limit: 9).items.last)
            #expect(delivery.attempts == attempt)
            #expect(delivery.failure == "nobody home")
            let wait = try #require(delivery.dueAt).milliseconds - world.now.milliseconds
            #expect((pause / 2...pause).contains(wait))
            world.pass(seconds: pause / 1_000)
        }
        try await world.deliverer.deliverDue()
        // The third attempt was the last; then it was the next one's turn.
        #expect(try await world.states(of: webhook) == [.dead, .due])
        #expect(world.network.numbers == [0, 0, 0, 1])
    }

    @Test("a receiver that asks for it is left alone for so long, with everything, but for an hour at most")
    func retryAfter() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        for (status, wish, pause) in [(429, 60, 60), (503, 86_400, 3_600)] as [(Int, Int64, Int64)] {
            world.network.answer { _ in .answered(status: status, body: "", retryAfter: .seconds(wish)) }
            let before = world.network.numbers.count
            try await world.happen(to: ["a/\(status)", "b/\(status)", "b/\(status)"])
            try await world.deliverer.deliverDue()
            #expect(world.network.numbers.count == before + 1)
            world.network.answer { _ in .answered(status: 200, body: "") }
            world.pass(seconds: pause - 1)
            #expect(try await world.deliverer.deliverDue() == 0)
            world.pass(seconds: 1)
            #expect(try await world.deliverer.deliverDue() == 3)
        }
        #expect(try await Set(world.states(of: webhook)) == [.delivered])
    }

    @Test("what fails for another reason is not put off by what the receiver says")
    func irrelevantRetryAfter() async throws {
        let world = try await EventsWorld()
        try await world.listen()
        world.network.answer { _ in .answered(status: 500, body: "", retryAfter: .seconds(600)) }
        try await world.happen()
        try await world.deliverer.deliverDue()
        world.pass(seconds: 2)
        #expect(try await world.deliverer.deliverDue() == 1)
    }

    @Test("a receiver that is gone is never called again, until somebody enables its webhook")
    func gone() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        world.network.answer { _ in .answered(status: 410, body: "") }
        try await world.happen(to: ["model/1", "model/1", "model/2"])
        #expect(try await world.deliverer.deliverDue() == 1)
        #expect(try await world.states(of: webhook) == [.dead, .dead, .dead])
        let ended = try await world.webhooks.webhook(webhook.id)
        #expect(!ended.isActive)
        #expect(ended.remark == "disabled by martlet: the receiver answered with 410 Gone")
        #expect(try await world.count("ledger_entry WHERE action = 'webhook.change'") == 1)
        try await world.happen()
        world.pass(seconds: 86_400)
        #expect(try await world.deliverer.deliverDue() == 0)
        world.network.answer { _ in .answered(status: 200, body: "") }
        let enabled = try await world.webhooks.update(webhook.id, WebhookChange(isActive: true), by: EventsWorld.act)
        #expect(enabled.remark == nil)
        #expect(try await world.deliveries.replayDead(of: webhook.id) == 3)
        #expect(try await world.deliverer.deliverDue() == 3)
    }

    @Test("a webhook is not disabled because of somebody whom it calls no more")
    func moved() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        world.network.answer { request in
            guard request.target.host != "new.example" else { return .answered(status: 200, body: "") }
            let change = WebhookChange(url: "https://new.example/")
            _ = try? await world.webhooks.update(webhook.id, change, by: EventsWorld.act)
            return .answered(status: 410, body: "")
        }
        try await world.happen(to: ["model/1", "model/2"])
        try await world.deliverer.deliverDue()
        #expect(try await world.webhooks.webhook(webhook.id).isActive)
    }

    @Test("what was given up can be repeated under its id, alone or with all others, and again in order")
    func replay() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        world.network.answer { _ in .answered(status: 503, body: "") }
        try await world.happen(to: ["model/1", "model/1", "model/2"])
        for _ in 0..<10 {
            try await world.deliverer.deliverDue()
            world.pass(seconds: 10)
        }
        #expect(try await world.states(of: webhook) == [.dead, .dead, .dead])
        let dead = try await world.deliveries.list(of: webhook.id, in: .dead, limit: 9).items
        #expect(dead.map(\.status) == [503, 503, 503])
        world.network.answer { _ in .answered(status: 200, body: "") }
        let before = world.network.numbers.count
        let replayed = try await world.deliveries.replay(dead[2].id.rawValue, of: webhook.id)
        #expect(replayed.state == .due)
        #expect(replayed.attempts == 0)
        let again = try await errorCode { _ = try await world.deliveries.replay(dead[2].id.rawValue, of: webhook.id) }
        #expect(again == .conflict)
        #expect(try await world.deliveries.replayDead(of: webhook.id) == 2)
        try await world.deliverer.deliverDue()
        let after = world.network.numbers.dropFirst(before)
        #expect(after.filter { $0 < 2 } == [0, 1])
        #expect(after.sorted() == [0, 1, 2])
        #expect(
            Set(world.network.received.suffix(3).map { $0.header("X-MLflow-Delivery-Id") })
                == Set(dead.map { $0.id.rawValue })
        )
        // Also what was received can be sent once more.
        _ = try await world.deliveries.replay(dead[0].id.rawValue, of: webhook.id)
        #expect(try await world.deliverer.deliverDue() == 1)
    }

    @Test("what a server that died had taken is sent by another one when the lease is over, not before")
    func lease() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        try await world.happen(to: ["model/1", "model/1"])
        let other = try await EventsWorld(database: world.database)
        // As if it died in the middle of the call: it never comes back.
        let (calls, isCalled) = AsyncStream.makeStream(of: Void.self)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        world.network.answer { _ in
            isCalled.yield()
            for await _ in ends { break }
            return .answered(status: 500, body: "")
        }
        let stuck = Task { try await world.deliverer.deliverDue() }
        for await _ in calls { break }
        #expect(try await other.deliverer.deliverDue() == 0)
        other.pass(seconds: 29)
        #expect(try await other.deliverer.deliverDue() == 0)
        other.pass(seconds: 2)
        #expect(try await other.deliverer.deliverDue() == 2)
        #expect(other.network.numbers == [0, 1])
        // And should it come back after all, what it has to say counts no more.
        end.yield()
        stuck.cancel()
        _ = try await stuck.value
        #expect(try await other.states(of: webhook) == [.delivered, .delivered])
    }

    @Test("one receiver that stalls does not keep all who deliver busy")
    func fairness() async throws {
        let world = try await EventsWorld()
        let end = try await world.listenSlowly()
        try await world.happen(to: (0..<9).map { "model/\($0)" })
        let stuck = (0..<2).map { _ in Task { try await world.deliverer.deliverDue() } }
        while world.network.received.count < 2 { try await Task.sleep(for: .milliseconds(2)) }
        try await world.listen(to: [.deploymentChanged], at: "https://quick.example/")
        try await world.happen(.deploymentChanged)
        #expect(try await world.deliverer.deliverDue() == 1)
        #expect(world.network.received.last?.target.host == "quick.example")
        end.finish()
        for task in stuck { _ = try await task.value }
    }

    @Test("a webhook that is disabled is sent nothing until it is enabled again")
    func disabled() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        try await world.happen()
        _ = try await world.webhooks.update(webhook.id, WebhookChange(isActive: false), by: EventsWorld.act)
        try await world.happen()
        #expect(try await world.deliverer.deliverDue() == 0)
        _ = try await world.webhooks.update(webhook.id, WebhookChange(isActive: true), by: EventsWorld.act)
        #expect(try await world.deliverer.deliverDue() == 1)
    }

    @Test("deliveries of a webhook that is deleted are gone, and so is one that is on its way")
    func deleted() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        try await world.happen(to: ["model/1", "model/1"])
        world.network.answer { _ in
            try? await world.webhooks.delete(webhook.id, by: EventsWorld.act)
            return .answered(status: 200, body: "")
        }
        #expect(try await world.deliverer.deliverDue() == 1)
        #expect(try await world.count("delivery") == 0)
    }

    @Test("what was delivered is forgotten after a week, what is dead after a month, what is open never")
    func forgetting() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        world.network.answer { $0.body.contains("\"n\":0") ? .answered(status: 200, body: "") : .failed("no") }
        try await world.happen(to: ["model/1", "model/2"])
        for _ in 0..<3 {
            try await world.deliverer.deliverDue()
            world.pass(seconds: 10)
        }
        try await world.happen(to: ["model/1"])
        #expect(try await world.states(of: webhook) == [.delivered, .dead, .due])
        world.pass(seconds: 8 * 86_400)
        try await world.deliveries.forgetOld()
        #expect(try await world.states(of: webhook) == [.dead, .due])
        world.pass(seconds: 30 * 86_400)
        try await world.deliveries.forgetOld()
        #expect(try await world.states(of: webhook) == [.due])
        #expect(try await world.count("event") == 1)
    }
}
