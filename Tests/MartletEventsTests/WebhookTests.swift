import MartletCore
import MartletEvents
import MartletSearch
import MartletSQL
import MartletTestSupport
import MartletWebhooks
import Testing

@Suite("Webhooks")
struct WebhookTests {
    @Test("a target that may not be called is refused when it is named, and nothing is stored")
    func target() async throws {
        let world = try await EventsWorld()
        let url = "https://db.inside.example/"
        #expect(try await errorCode { try await world.listen(at: url) } == .invalidArgument)
        let webhook = try await world.listen()
        let change = WebhookChange(url: url)
        #expect(
            try await errorCode { _ = try await world.webhooks.update(webhook.id, change, by: EventsWorld.act) }
                == .invalidArgument
        )
        #expect(try await world.webhooks.list(limit: 9).items == [webhook])
    }

    @Test("what changes nothing is no entry of the ledger")
    func unchanged() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen()
        let change = WebhookChange(name: webhook.name, url: webhook.url, kinds: .init(webhook.kinds), isActive: true)
        _ = try await world.webhooks.update(webhook.id, change, by: EventsWorld.act)
        #expect(try await world.count("ledger_entry") == 1)
        _ = try await world.webhooks.update(webhook.id, WebhookChange(secret: "x"), by: EventsWorld.act)
        #expect(try await world.count("ledger_entry") == 2)
    }

    @Test("who knows only some kinds changes only those")
    func kinds() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen(to: [.versionMoved, .versionCreated])
        let change = WebhookChange(kinds: .init([.promptCreated], among: EventKind.mlflow))
        let changed = try await world.webhooks.update(webhook.id, change, by: EventsWorld.act)
        #expect(changed.kinds == [.versionMoved, .promptCreated])
        #expect(try await world.webhooks.webhook(webhook.id) == changed)
    }

    @Test("those that listen to nothing one knows are left out, and pages are filled all the same")
    func pages() async throws {
        let world = try await EventsWorld()
        var expected: [String] = []
        for number in 0..<6 {
            let webhook = try await world.listen(to: number.isMultiple(of: 2) ? [.promptCreated] : [.versionMoved])
            if number.isMultiple(of: 2) { expected.insert(webhook.id, at: 0) }
        }
        let first = try await world.webhooks.list(listeningTo: EventKind.mlflow, limit: 2)
        #expect(first.items.map(\.id) == Array(expected.prefix(2)))
        let second = try await world.webhooks.list(listeningTo: EventKind.mlflow, after: first.next, limit: 2)
        #expect(second.items.map(\.id) == [expected[2]])
        #expect(second.next == nil)
    }

    @Test("there are only so many")
    func limit() async throws {
        let world = try await EventsWorld()
        for _ in 0..<Limits.webhooks { try await world.listen() }
        #expect(try await errorCode { try await world.listen() } == .invalidArgument)
    }

    @Test(
        "names are those that MLflow accepts",
        arguments: [
            ("a", true), ("A1._-b", true), (String(repeating: "x", count: 63), true), ("", false), ("-a", false),
            ("a.", false), ("a b", false), ("ä", false), (String(repeating: "x", count: 64), false),
        ]
    )
    func names(text: String, isValid: Bool) {
        #expect(((try? WebhookName(validating: text)) != nil) == isValid)
    }

    @Test("every kind has an example that says what it is of", arguments: EventKind.all)
    func examples(kind: EventKind) async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen(to: [kind])
        let trial = try await world.webhooks.test(webhook.id)
        #expect(trial.isSuccess)
        let body = try #require(world.network.received.first).body
        #expect(body.hasPrefix(#"{"entity":"\#(kind.entity)","action":"\#(kind.action)","#))
        #expect(body.contains("example") || kind == .budgetPolicyExceeded)
    }
}
