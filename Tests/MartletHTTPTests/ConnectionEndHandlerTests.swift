import MartletHTTP
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@Suite("When a client's connection ends")
struct ConnectionEndHandlerTests {
    private let channel: EmbeddedChannel

    init() throws {
        self.channel = EmbeddedChannel(handler: ConnectionEndHandler(timeout: .seconds(60)))
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func pass(seconds: Int64) { self.channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    /// The connection ends when nobody has said anything for a minute, and not before.
    private func expectEndAfterAMinute(_ location: SourceLocation = #_sourceLocation) {
        self.pass(seconds: 59)
        #expect(self.channel.isActive, sourceLocation: location)
        self.pass(seconds: 1)
        #expect(!self.channel.isActive, sourceLocation: location)
    }

    /// What the client says, after which the server listens again.
    private func hear(_ part: HTTPServerRequestPart) throws {
        try self.channel.writeInbound(part)
        self.channel.read()
    }

    private func begin(_ version: HTTPVersion = .http1_1, _ headers: HTTPHeaders = [:]) throws {
        let head = HTTPRequestHead(version: version, method: .POST, uri: "/", headers: headers)
        try self.hear(.head(head))
    }

    private func ask(_ version: HTTPVersion = .http1_1, _ headers: HTTPHeaders = [:]) throws {
        try self.begin(version, headers)
        try self.hear(.end(nil))
    }

    private func answer() throws {
        let head = HTTPResponseHead(version: .http1_1, status: .ok)
        try self.channel.writeOutbound(HTTPServerResponsePart.head(head))
        try self.channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    @Test("it is closed when it has said nothing for the time, and not before")
    func silence() {
        self.expectEndAfterAMinute()
    }

    @Test("it is closed in the middle of a request, however often the client has said something before")
    func slowRequest() throws {
        try self.begin()
        for _ in 0..<3 {
            self.pass(seconds: 50)
            try self.hear(.body(ByteBuffer(string: "x")))
        }
        self.expectEndAfterAMinute()
    }

    @Test("it stays open while the client waits for an answer, however long, and the time begins when it has it")
    func slowAnswer() throws {
        try self.ask()
        self.pass(seconds: 1_000)
        #expect(self.channel.isActive)
        try self.answer()
        self.expectEndAfterAMinute()
    }

    @Test("it stays open while the server does not listen, and the time begins when it does again")
    func notHeard() throws {
        try self.begin()
        try self.channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: "x")))
        self.pass(seconds: 1_000)
        #expect(self.channel.isActive)
        self.channel.read()
        self.expectEndAfterAMinute()
    }

    @Test("it stays open while it is told something, also in the middle of a request")
    func toldMeanwhile() throws {
        try self.begin()
        for _ in 0..<3 {
            self.pass(seconds: 50)
            try self.channel.writeOutbound(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "x"))))
        }
        self.expectEndAfterAMinute()
    }

    @Test("it stays open while one of several requests is not answered")
    func pipelined() throws {
        try self.ask()
        try self.ask()
        try self.answer()
        self.pass(seconds: 1_000)
        #expect(self.channel.isActive)
        try self.answer()
        self.pass(seconds: 60)
        #expect(!self.channel.isActive)
    }

    @Test("a client of HTTP/1.0 is left when it has its answer, unless it wants to go on", arguments: [false, true])
    func version1_0(wantsMore: Bool) throws {
        try self.ask(.http1_0, wantsMore ? ["Connection": "keep-alive"] : [:])
        #expect(self.channel.isActive)
        try self.answer()
        #expect(self.channel.isActive == wantsMore)
        #expect(try self.channel.readOutbound(as: HTTPServerResponsePart.self) != nil)
    }
}
