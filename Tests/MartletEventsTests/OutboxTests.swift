import Crypto
import MartletCore
import MartletEvents
import MartletSearch
import MartletSQL
import MartletTestSupport
import MartletWebhooks
import Testing

@Suite("The outbox")
struct OutboxTests {
    @Test("an event that nobody listens to is not written, and not even made")
    func nobody() async throws {
        let world = try await EventsWorld()
        try await world.listen(to: [.deploymentChanged])
        try await world.database.write { db throws(MartletError) in
            try Outbox.append(.versionMoved, on: db) {
                Issue.record("somebody asked what happened")
                return nil
            }
        }
        #expect(try await world.count("event") == 0)
    }

    @Test("what a write tells is gone with the write")
    func rollback() async throws {
        let world = try await EventsWorld()
        try await world.listen()
        let now = world.now
        let code = try await errorCode {
            try await world.database.write { db throws(MartletError) in
                try Outbox.append(.versionMoved, on: db) { Event(.versionMoved, of: "model/1", at: now) { _ in } }
                throw MartletError(.conflict, "no")
            }
        }
        #expect(code == .conflict)
        #expect(try await world.count("event") == 0)
        #expect(try await world.deliverer.deliverDue() == 0)
    }

    @Test("everybody who listens is sent the same message, under an id of its own")
    func listeners() async throws {
        let world = try await EventsWorld()
        for host in ["a", "b"] { try await world.listen(at: "https://\(host).example/") }
        try await world.listen(to: [.deploymentChanged], at: "https://c.example/")
        try await world.happen()
        try await world.deliverer.deliverDue()
        let received = world.network.received
        #expect(Set(received.map(\.target.host)) == ["a.example", "b.example"])
        #expect(Set(received.map(\.body)).count == 1)
        #expect(Set(received.map { $0.header("X-MLflow-Delivery-Id") }).count == 2)
        #expect(try await world.count("event") == 1)
    }

    @Test("a message is signed over its id, its time and its bytes")
    func signature() async throws {
        let world = try await EventsWorld()
        try await world.listen(secret: "s3cret ü")
        try await world.happen()
        try await world.deliverer.deliverDue()
        let request = try #require(world.network.received.first)
        let id = try #require(request.header("X-MLflow-Delivery-Id"))
        #expect(request.header("X-MLflow-Timestamp") == "1795276826")
        let key = SymmetricKey(data: Array("s3cret ü".utf8))
        let signed = Array("\(id).1795276826.\(request.body)".utf8)
        let code = Array(HMAC<SHA256>.authenticationCode(for: signed, using: key))
        #expect(request.header("X-MLflow-Signature") == "v1,\(Base64.string(code))")
        let expected =
            #"{"entity":"model_version","action":"moved","timestamp":"2026-11-21T16:00:26.192+00:00","data":{"n":0}}"#
        #expect(request.body == expected)
    }

    @Test("a secret lies encrypted, and another key cannot read it: the delivery fails and says so")
    func secrets() async throws {
        let world = try await EventsWorld()
        let webhook = try await world.listen(secret: "plain-to-see")
        let stored = try await world.database.read { db throws(MartletError) in
            try db.queryOne("SELECT secret FROM webhook")?.bytes(0) ?? []
        }
        #expect(!stored.isEmpty)
        #expect(!String(decoding: stored, as: UTF8.self).contains("plain-to-see"))
        let other = try await EventsWorld(key: .init(repeating: 8, count: 32), database: world.database)
        try await other.happen()
        try await other.deliverer.deliverDue()
        #expect(other.network.received.isEmpty)
        let delivery = try #require(try await other.deliveries.list(of: webhook.id, limit: 1).items.first)
        #expect(delivery.state == .due)
        #expect(delivery.failure?.contains("set it again") == true)
    }

    @Test("a secret that is copied to another webhook signs nothing there")
    func boundSecrets() async throws {
        let world = try await EventsWorld()
        try await world.listen(at: "https://a.example/", secret: "mine")
        try await world.listen(to: [.deploymentChanged], at: "https://b.example/")
        try await world.database.write { db throws(MartletError) in
            try db.execute("UPDATE webhook SET secret = (SELECT secret FROM webhook WHERE secret IS NOT NULL)")
        }
        try await world.happen(.deploymentChanged)
        try await world.deliverer.deliverDue()
        #expect(world.network.received.isEmpty)
    }
}
