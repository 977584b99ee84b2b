import MartletBackends
import MartletProxy
import NIOCore
import NIOHTTP1
import Testing

@Suite("Connections to backends")
struct ProxyClientTests {
    @Test("a connection is used again, whoever asks")
    func reuse() async throws {
        try await TestBackend.with { backend in
            let client = try ProxyClient()
            for _ in 0..<10 { #expect(try await Self.ask(client, backend) == "hello") }
            #expect(backend.counts.opened == 1)
            client.close()
        }
    }

    @Test("no more connections are made than may be, and who comes on top waits")
    func limit() async throws {
        try await TestBackend.with { backend in
            var settings = ProxySettings()
            settings.connectionsMax = 2
            let client = try ProxyClient(settings: settings)
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<40 { group.addTask { try await Self.ask(client, backend) } }
                for try await answer in group { #expect(answer == "hello") }
            }
            #expect((1...2).contains(backend.counts.opened))
            client.close()
        }
    }

    @Test("who waits for a connection for too long is told, and its place goes to others")
    func waiting() async throws {
        try await TestBackend.with({ $0.hasPrefix("GET /stall") ? nil : (TestBackend.hello, false) }) { backend in
            var settings = ProxySettings()
            settings.connectionsMax = 1
            let client = try ProxyClient(settings: settings)
            let stalled = Task { try await Self.ask(client, backend, "/stall", timeout: .seconds(2)) }
            try await Self.wait { backend.counts.heard == 1 }
            await #expect(throws: ProxyFailure.timeout) {
                _ = try await Self.ask(client, backend, timeout: .milliseconds(100))
            }
            await #expect(throws: ProxyFailure.timeout) { _ = try await stalled.value }
            #expect(try await Self.ask(client, backend) == "hello")
            client.close()
        }
    }

    @Test("a backend is not to blame for those who wait in vain because it is busy with others")
    func busy() async throws {
        try await TestBackend.with({ $0.hasPrefix("GET /stall") ? nil : (TestBackend.hello, false) }) { backend in
            var settings = ProxySettings()
            settings.connectionsMax = 1
            let client = try ProxyClient(settings: settings)
            let stalled = try Self.call(client, backend.url, "/stall")
            let answer = Task { try await stalled.run() }
            try await Self.wait { backend.counts.heard == 1 }
            for _ in 0..<6 {
                await #expect(throws: ProxyFailure.timeout) {
                    _ = try await Self.ask(client, backend, timeout: .milliseconds(20))
                }
            }
            stalled.cancel()
            _ = await answer.result
            #expect(try await Self.ask(client, backend) == "hello")
            client.close()
        }
    }

    @Test("a backend that is readmitted is asked at once")
    func readmission() async throws {
        try await TestBackend.with({ _ in ("nonsense", true) }) { backend in
            let client = try ProxyClient()
            for _ in 0..<6 { _ = try? await Self.ask(client, backend) }
            client.readmit(backend.url)
            await #expect(throws: ProxyFailure.broken) { _ = try await Self.ask(client, backend) }
            #expect(backend.counts.opened == 6)
            client.close()
        }
    }

    @Test("a connection that nobody needs is closed after a while")
    func idle() async throws {
        try await TestBackend.with { backend in
            var settings = ProxySettings()
            settings.idleTime = .milliseconds(50)
            let client = try ProxyClient(settings: settings)
            _ = try await Self.ask(client, backend)
            try await Self.wait { backend.counts.closed == 1 }
            #expect(try await Self.ask(client, backend) == "hello")
            #expect(backend.counts.opened == 2)
            client.close()
        }
    }

    @Test("a long answer may not pause for ever")
    func silence() async throws {
        let beginning = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        try await TestBackend.with({ _ in (beginning, false) }) { backend in
            var settings = ProxySettings()
            settings.silenceMax = .milliseconds(100)
            let client = try ProxyClient(settings: settings)
            let answer = try await Self.call(client, backend.url).run()
            guard case .streamed(let stream) = answer.body else {
                Issue.record("it was taken for a whole answer")
                return
            }
            let pieces = stream.makeAsyncIterator()
            let first = try await pieces.next()
            #expect(first.map { String(buffer: $0) } == "abc")
            await #expect(throws: ProxyFailure.timeout) { _ = try await pieces.next() }
            try await Self.wait { backend.counts.closed == 1 }
            client.close()
        }
    }

    @Test("a backend that fails five times in a row is not asked any more")
    func ejection() async throws {
        try await TestBackend.with({ _ in ("nonsense", true) }) { backend in
            let client = try ProxyClient()
            for _ in 0..<5 {
                await #expect(throws: ProxyFailure.broken) { _ = try await Self.ask(client, backend) }
            }
            await #expect(throws: ProxyFailure.ejected) { _ = try await Self.ask(client, backend) }
            #expect(backend.counts.opened == 5)
            client.close()
        }
    }

    @Test("what is given up ends as that, and its connection with it")
    func cancellation() async throws {
        try await TestBackend.with({ _ in nil }) { backend in
            let client = try ProxyClient()
            let call = try Self.call(client, backend.url)
            let answer = Task { try await call.run() }
            try await Self.wait { backend.counts.heard == 1 }
            call.cancel()
            await #expect(throws: ProxyFailure.cancelled) { _ = try await answer.value }
            try await Self.wait { backend.counts.closed == 1 }
            client.close()
        }
    }

    @Test("a request counts as under way from when it is prepared until the last of its answer is there")
    func use() async throws {
        let beginning = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
        try await TestBackend.with({ ($0.hasPrefix("GET /long") ? beginning : TestBackend.hello, false) }) { backend in
            let client = try ProxyClient()
            #expect(client.use(of: backend.url) == BackendUse())
            let call = try Self.call(client, backend.url, "/long")
            #expect(client.use(of: backend.url).underWay == 1)
            guard case .streamed(let stream) = try await call.run().body else {
                Issue.record("it was taken for a whole answer")
                return
            }
            _ = try await Self.ask(client, backend)
            let use = client.use(of: backend.url)
            #expect((use.begun, use.underWay, use.streaming) == (2, 1, 1))
            #expect(use.heard >= 2)
            stream.cancel()
            try await Self.wait { client.use(of: backend.url).underWay == 0 }
            #expect(client.use(of: backend.url).streaming == 0)
            client.close()
        }
    }

    @Test("whatever has come to nothing is not under way any more")
    func useOfFailures() async throws {
        try await TestBackend.with({ $0.hasPrefix("GET /break") ? ("", true) : nil }) { backend in
            var settings = ProxySettings()
            settings.connectionsMax = 1
            let client = try ProxyClient(settings: settings)
            await #expect(throws: ProxyFailure.self) { _ = try await Self.ask(client, backend, "/break") }
            let stalled = try Self.call(client, backend.url, "/stall")
            let waiting = try Self.call(client, backend.url, "/late")
            async let answers = (try? stalled.run(), try? waiting.run())
            #expect(client.use(of: backend.url).underWay == 2)
            waiting.cancel()
            stalled.cancel()
            stalled.cancel()
            #expect(await (answers.0 == nil, answers.1 == nil) == (true, true))
            #expect(client.use(of: backend.url).underWay == 0)
            client.close()
            #expect(throws: ProxyFailure.unreachable) { _ = try Self.call(client, backend.url) }
        }
    }

    @Test("a client that is closed leaves nothing open, and nobody waiting")
    func closing() async throws {
        try await TestBackend.with({ _ in nil }) { backend in
            let client = try ProxyClient()
            let call = try Self.call(client, backend.url)
            let answer = Task { try await call.run() }
            try await Self.wait { backend.counts.heard == 1 }
            client.close()
            await #expect(throws: ProxyFailure.cancelled) { _ = try await answer.value }
            try await Self.wait { backend.counts.closed == 1 }
        }
    }

    @Test(
        "a URL is read as it is meant",
        arguments: [
            ("http://one", "one", 80, "one", "/x?y"),
            ("https://one", "one", 443, "one", "/x?y"),
            ("HTTP://one:81", "one", 81, "one:81", "/x?y"),
            ("http://one:8080/base", "one", 8_080, "one:8080", "/base/x?y"),
            ("http://[::1]:9/a/", "::1", 9, "[::1]:9", "/a/x?y"),
        ]
    )
    func addresses(url: String, host: String, port: Int, authority: String, target: String) throws {
        let address = try #require(BackendAddress(url: url))
        #expect((address.host, address.port, address.authority) == (host, port, authority))
        #expect(address.target("/x?y") == target)
    }

    @Test(
        "nothing else is a URL of a backend",
        arguments: ["", "one", "ftp://one", "http://", "http://one:70000", "http://one:0", "http://[::1", "http://:80"]
    )
    func nonsense(url: String) {
        #expect(BackendAddress(url: url) == nil)
    }

    @Test("what is asked for is never empty")
    func emptyPath() throws {
        let address = try #require(BackendAddress(url: "http://one"))
        #expect(address.target("") == "/")
        #expect(address.target("?a=1") == "/?a=1")
    }

    static func call(
        _ client: ProxyClient,
        _ url: String,
        _ path: String = "/",
        timeout: TimeAmount = .seconds(10)
    )
        throws -> ProxyCall
    {
        let request = ProxiedRequest(method: .GET, path: path, headers: [:], body: .whole(ByteBuffer()))
        return try client.call(request, to: url, timeout: timeout, attemptsMax: 1)
    }

    static func ask(
        _ client: ProxyClient,
        _ backend: TestBackend,
        _ path: String = "/",
        timeout: TimeAmount = .seconds(10)
    ) async throws -> String {
        let answer = try await Self.call(client, backend.url, path, timeout: timeout).run()
        guard case .whole(let body) = answer.body else { return "a stream" }
        return String(buffer: body)
    }

    /// Waits for something that comes by itself.
    static func wait(for condition: () -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(10)
        while !condition() {
            try #require(ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}
