import MartletCore
import MartletWebhookHTTP
import MartletWebhooks
import NIOHTTP1
import Synchronization
import Testing

@Suite("Calling the receivers of webhooks")
struct WebhookSenderTests {
    @Test("a receiver gets the request as it was made, and its answer is told")
    func call() async throws {
        try await TestReceiver.with(.answers(202, "thanks")) { receiver in
            let outcome = try await Self.send("http://127.0.0.1:\(receiver.port)/a/b?c=d")
            #expect(outcome == .answered(status: 202, body: "thanks"))
            let head = try #require(receiver.heads.first)
            #expect(head.method == .POST)
            #expect(head.uri == "/a/b?c=d")
            #expect(head.headers.first(name: "host") == "127.0.0.1:\(receiver.port)")
            #expect(head.headers.first(name: "content-length") == "4")
            #expect(head.headers.first(name: "x-test") == "yes")
            #expect(head.headers.first(name: "user-agent") == "test/1")
        }
    }

    @Test("what a receiver says of when to call again is told")
    func retryAfter() async throws {
        try await TestReceiver.with(.answers(503, "", [("Retry-After", "120")])) { receiver in
            let outcome = try await Self.send("http://127.0.0.1:\(receiver.port)/")
            #expect(outcome.retryAfter == .seconds(120))
        }
    }

    @Test("a redirect is an answer like any other, wherever it leads", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        try await TestReceiver.with(.answers(200)) { target in
            let place = [("Location", "http://127.0.0.1:\(target.port)/")]
            try await TestReceiver.with(.answers(status, "", place)) { receiver in
                let outcome = try await Self.send("http://127.0.0.1:\(receiver.port)/")
                #expect(outcome == .answered(status: status, body: ""))
                #expect(!outcome.isSuccess)
                #expect(target.heads.isEmpty)
            }
        }
    }

    @Test(
        "a receiver that misbehaves is a failure, within the time for one call",
        arguments: [
            (TestReceiver.Manner.stalls, "no answer in time"),
            (.stallsInItsAnswer, "no end of the answer in time"),
            (.closes, "closed the connection before it answered"),
            (.closesInItsAnswer, "closed the connection in the middle of its answer"),
            (.isNotHTTP, "not HTTP"),
        ]
    )
    func misbehaviour(manner: TestReceiver.Manner, reason: String) async throws {
        try await TestReceiver.with(manner) { receiver in
            let outcome = try await Self.send("http://127.0.0.1:\(receiver.port)/")
            guard case .failed(let told) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(told.contains(reason))
        }
    }

    @Test("a receiver that does not stop talking is cut off, and has answered")
    func endless() async throws {
        try await TestReceiver.with(.talksWithoutEnd) { receiver in
            let outcome = try await Self.send("http://127.0.0.1:\(receiver.port)/")
            guard case .answered(200, let body, _) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(body.utf8.count == 65_536)
        }
    }

    @Test("nobody there is a failure that says so")
    func nobody() async throws {
        let outcome = try await Self.send("http://127.0.0.1:1/")
        #expect(outcome == .failed("cannot connect to 127.0.0.1 port 1: Connection refused"))
    }

    @Test("a name that cannot be resolved is a failure that says so")
    func unresolvable() async throws {
        let sender = try Self.sender(resolver: nil)
        let outcome = await sender.send(try Self.request("https://nobody.invalid/"))
        guard case .failed(let reason) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(reason.contains("Cannot resolve Webhook URL hostname 'nobody.invalid'"))
    }

    @Test("an address that nothing can be sent to gives way to the next one of the name")
    func nextAddress() async throws {
        try await TestReceiver.with(.answers(200), at: "127.0.0.2") { receiver in
            let sender = try Self.sender(allowing: ["two.example"]) { _ in ["127.0.0.3", "127.0.0.2"] }
            let outcome = await sender.send(try Self.request("http://two.example:\(receiver.port)/"))
            #expect(outcome.isSuccess)
            #expect(receiver.heads.first?.headers.first(name: "host") == "two.example:\(receiver.port)")
        }
    }

    @Test("a name is resolved for each call: one that was public when it was named is not called once it is not")
    func rebinding() async throws {
        try await TestReceiver.with(.answers(200)) { receiver in
            let answers = Mutex(["8.8.8.8", "127.0.0.1"])
            let sender = try Self.sender { _ in [answers.withLock { $0.removeFirst() }] }
            let target = try WebhookTarget(validating: "https://rebind.example:\(receiver.port)/")
            try await sender.check(target)
            let outcome = await sender.send(WebhookRequest(to: target, headers: [], body: ""))
            let reason = "Webhook URL must not resolve to a non-public IP address. "
            #expect(outcome == .failed("\(reason)'rebind.example' resolves to 127.0.0.1."))
            #expect(receiver.heads.isEmpty)
        }
    }

    @Test("the address that was checked is the one that is called: a call resolves once")
    func resolvesOnce() async throws {
        try await TestReceiver.with(.answers(200)) { receiver in
            let count = Mutex(0)
            let sender = try Self.sender(allowing: ["127.0.0.1"]) { _ in
                count.withLock { $0 += 1 }
                return ["127.0.0.1"]
            }
            let outcome = await sender.send(try Self.request("http://once.example:\(receiver.port)/"))
            #expect(outcome.isSuccess)
            #expect(count.withLock { $0 } == 1)
        }
    }

    @Test("a name with one public address and one that is not is called at neither")
    func mixed() async throws {
        let sender = try Self.sender { _ in ["8.8.8.8", "10.0.0.1"] }
        let target = try WebhookTarget(validating: "https://mixed.example/")
        await #expect(throws: MartletError.self) { try await sender.check(target) }
    }
}

extension WebhookSenderTests {
    typealias Names = @Sendable (_ host: String) -> [String]

    /// - Parameter names: What a name server says; `nil` to ask the system's.
    static func sender(
        allowing allowed: [String] = [],
        authorityFile: String? = nil,
        names: @escaping Names
    ) throws -> HTTPWebhookSender {
        try self.sender(allowing: allowed, authorityFile: authorityFile) { host, _ in
            names(host).compactMap { IPAddress($0) }
        }
    }

    static func sender(
        allowing allowed: [String] = [],
        authorityFile: String? = nil,
        resolver: HTTPWebhookSender.Resolver?
    ) throws -> HTTPWebhookSender {
        try HTTPWebhookSender(
            rules: try WebhookTargetRules(allowing: allowed),
            timeout: .seconds(2),
            authorityFile: authorityFile,
            userAgent: "test/1",
            resolver: resolver
        )
    }

    static func request(_ url: String) throws -> WebhookRequest {
        WebhookRequest(to: try WebhookTarget(validating: url), headers: [("X-Test", "yes")], body: "body")
    }

    private static func send(_ url: String) async throws -> WebhookOutcome {
        await (try self.sender(allowing: ["127.0.0.0/8"], resolver: nil)).send(try self.request(url))
    }
}
