import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A real server on a loopback address that says what a test wants to whatever it is told.
final class TestBackend: Sendable {
    /// What is said next on a connection, and whether it ends with that; `nil` for nothing.
    typealias Script = @Sendable (_ heard: String) -> (says: String, ends: Bool)?

    static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    struct Counts: Sendable {
        var opened = 0
        var closed = 0
        var heard = 0
    }

    let port: Int
    private let state: State

    private final class State: Sendable {
        let counts = Mutex(Counts())
    }

    var counts: Counts { self.state.counts.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(self.port)" }

    private init(_ channel: any Channel, _ state: State) {
        self.port = channel.localAddress?.port ?? 0
        self.state = state
    }

    /// - Parameter tls: What it shows who calls it by https.
    static func with(
        tls: NIOSSLContext? = nil,
        _ script: @escaping Script = { _ in (hello, false) },
        _ body: (TestBackend) async throws -> Void
    ) async throws {
        let state = State()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(Handler(script, state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(TestBackend(channel, state))) } catch { outcome = .failure(error) }
        try await channel.close()
        try outcome.get()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let script: Script
        private let state: State

        init(_ script: @escaping Script, _ state: State) {
            self.script = script
            self.state = state
        }

        func channelActive(context: ChannelHandlerContext) {
            self.state.counts.withLock { $0.opened += 1 }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.state.counts.withLock { $0.closed += 1 }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.state.counts.withLock { $0.heard += 1 }
            guard let (says, ends) = self.script(String(buffer: self.unwrapInboundIn(data))) else { return }
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(string: says)), promise: nil)
            if ends { context.close(promise: nil) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
