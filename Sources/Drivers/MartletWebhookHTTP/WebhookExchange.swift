import MartletWebhooks
import NIOCore
import NIOHTTP1
import NIOSSL

/// One request and its answer on one connection, which is closed afterwards.
final class WebhookExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What is read of an answer; a receiver that says more is cut off.
    private static let bodyBytesMax = 64 * 1_024

    private let request: WebhookRequest
    private let userAgent: String
    private let deadline: NIODeadline
    private let outcome: EventLoopPromise<WebhookOutcome>
    private var status: Int?
    private var retryAfter: RetryAfter?
    private var body: [UInt8] = []
    private var isOver = false

    /// - Parameter outcome: Always succeeded, at the deadline if not before.
    init(
        _ request: WebhookRequest,
        userAgent: String,
        deadline: NIODeadline,
        outcome: EventLoopPromise<WebhookOutcome>
    ) {
        self.request = request
        self.userAgent = userAgent
        self.deadline = deadline
        self.outcome = outcome
    }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        let timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: self.deadline) {
            let said = self.status == nil ? "no answer" : "no end of the answer"
            self.end(.failed("\(said) in time"), channel)
        }
        self.outcome.futureResult.whenComplete { _ in timer.cancel() }
        context.write(self.wrapOutboundOut(.head(self.head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: self.request.body)))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.status = Int(head.status.code)
            self.retryAfter = head.headers.first(name: "retry-after").flatMap(RetryAfter.init)
        case .body(let part):
            self.body.append(contentsOf: part.readableBytesView.prefix(Self.bodyBytesMax - self.body.count))
            if self.body.count == Self.bodyBytesMax { self.answer(context.channel) }
        case .end:
            self.answer(context.channel)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let when = self.status == nil ? "before it answered" : "in the middle of its answer"
        self.end(.failed("the receiver closed the connection \(when)"), context.channel)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Both only say that the connection ended, as is told above: some receivers do not say goodbye in TLS.
        if case NIOSSLError.uncleanShutdown = error { return }
        if case HTTPParserError.invalidEOFState = error { return }
        self.end(.failed(Self.reason(error)), context.channel)
    }

    private func answer(_ channel: any Channel) {
        guard let status else { return }
        let body = String(decoding: self.body, as: UTF8.self)
        self.end(.answered(status: status, body: body, retryAfter: self.retryAfter), channel)
    }

    private func end(_ outcome: WebhookOutcome, _ channel: any Channel) {
        guard !self.isOver else { return }
        self.isOver = true
        self.outcome.succeed(outcome)
        channel.close(promise: nil)
    }

    private var head: HTTPRequestHead {
        let target = self.request.target
        var headers: HTTPHeaders = [
            "Host": target.authority,
            "User-Agent": self.userAgent,
            "Content-Length": "\(self.request.body.utf8.count)",
            "Connection": "close",
        ]
        headers.add(contentsOf: self.request.headers.map { ($0.name, $0.value) })
        return HTTPRequestHead(version: .http1_1, method: .POST, uri: target.path, headers: headers)
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case is HTTPParserError: "the receiver's answer is not HTTP: \(error)"
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: "TLS failed: \(error)"
        default: "the connection broke: \(error)"
        }
    }
}
