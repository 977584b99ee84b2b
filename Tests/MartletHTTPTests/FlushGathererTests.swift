import MartletHTTP
import NIOCore
import NIOEmbedded
import Testing

@Suite("What is flushed in one turn of an event loop")
struct FlushGathererTests {
    private let channel: EmbeddedChannel
    private let handler = FlushGatherer()

    init() throws {
        self.channel = EmbeddedChannel(handler: self.handler)
        try self.channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    }

    private func sent() throws -> [String] {
        var sent: [String] = []
        while let piece = try self.channel.readOutbound(as: String.self) { sent.append(piece) }
        return sent
    }

    @Test("it is sent at the end of that turn")
    func turn() throws {
        self.channel.writeAndFlush("one", promise: nil)
        self.channel.writeAndFlush("two", promise: nil)
        #expect(try self.sent() == [])
        self.channel.embeddedEventLoop.run()
        #expect(try self.sent() == ["one", "two"])
        self.channel.writeAndFlush("three", promise: nil)
        self.channel.embeddedEventLoop.run()
        #expect(try self.sent() == ["three"])
        _ = try self.channel.finish()
    }

    @Test("it is sent before the connection is closed")
    func close() throws {
        self.channel.writeAndFlush("last", promise: nil)
        try self.channel.close().wait()
        #expect(try self.sent() == ["last"])
    }

    @Test("it is sent before the handler leaves")
    func removal() throws {
        self.channel.writeAndFlush("last", promise: nil)
        _ = self.channel.pipeline.syncOperations.removeHandler(self.handler)
        #expect(try self.sent() == ["last"])
        _ = try self.channel.finish()
    }

    @Test("what is not flushed waits")
    func unflushed() throws {
        self.channel.write("later", promise: nil)
        self.channel.embeddedEventLoop.run()
        #expect(try self.sent() == [])
        self.channel.flush()
        self.channel.embeddedEventLoop.run()
        #expect(try self.sent() == ["later"])
        _ = try self.channel.finish()
    }
}
