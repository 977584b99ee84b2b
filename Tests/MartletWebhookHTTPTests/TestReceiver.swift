import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A real HTTP server on a loopback address, which answers as a test wants and counts who came.
final class TestReceiver: Sendable {
    enum Manner: Sendable {
        case answers(Int, String = "", [(String, String)] = [])
        case stalls
        case stallsInItsAnswer
        case closes
        case closesInItsAnswer
        case talksWithoutEnd
        case isNotHTTP
    }

    let port: Int
    let address: String
    private let channel: any Channel
    private let log: Log

    final class Log: Sendable {
        let heads = Mutex<[HTTPRequestHead]>([])
    }

    var heads: [HTTPRequestHead] { self.log.heads.withLock { $0 } }

    private init(_ channel: any Channel, _ log: Log) throws {
        self.channel = channel
        self.log = log
        self.port = channel.localAddress?.port ?? 0
        self.address = channel.localAddress?.ipAddress ?? ""
    }

    /// - Parameter tls: What it shows who calls it by https.
    static func with(
        _ manner: Manner,
        at address: String = "127.0.0.1",
        tls: NIOSSLContext? = nil,
        _ body: (TestReceiver) async throws -> Void
    ) async throws {
        let log = Log()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.configureHTTPServerPipeline()
                    try pipeline.addHandler(Handler(manner, log))
                }
            }
            .bind(host: address, port: 0).get()
        let receiver = try TestReceiver(channel, log)
        do {
            try await body(receiver)
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let manner: Manner
        private let log: Log

        init(_ manner: Manner, _ log: Log) {
            self.manner = manner
            self.log = log
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): self.log.heads.withLock { $0.append(head) }
            case .body: break
            case .end: self.answer(context)
            }
        }

        private func answer(_ context: ChannelHandlerContext) {
            switch self.manner {
            case .answers(let status, let body, let headers):
                self.begin(context, status, headers + [("Content-Length", "\(body.utf8.count)")])
                self.say(body, context)
                context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
            case .stalls: break
            case .stallsInItsAnswer:
                self.begin(context, 200, [("Content-Length", "100")])
                self.say("half", context)
            case .closes: context.close(promise: nil)
            case .closesInItsAnswer:
                self.begin(context, 200, [("Content-Length", "100")])
                self.say("half", context)
                context.close(promise: nil)
            case .talksWithoutEnd:
                self.begin(context, 200, [("Transfer-Encoding", "chunked")])
                for _ in 0..<100 { self.say(String(repeating: "x", count: 4_096), context) }
            case .isNotHTTP:
                let channel = context.channel
                context.pipeline.context(handlerType: HTTPResponseEncoder.self).whenSuccess { encoder in
                    encoder.writeAndFlush(NIOAny(ByteBuffer(string: "220 mail.example ESMTP\r\n\r\n")), promise: nil)
                    channel.close(promise: nil)
                }
            }
        }

        private func begin(_ context: ChannelHandlerContext, _ status: Int, _ headers: [(String, String)]) {
            let head = HTTPResponseHead(
                version: .http1_1,
                status: .init(statusCode: status),
                headers: HTTPHeaders(headers)
            )
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        }

        private func say(_ text: String, _ context: ChannelHandlerContext) {
            context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        }
    }
}
