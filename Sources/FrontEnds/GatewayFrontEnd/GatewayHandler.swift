import Hummingbird
import MartletDeployments
import MartletHTTP
import MartletProxy
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// Answers what is plain of a connection's requests to deployments, without tasks and routing; all else goes on to
/// Hummingbird, which has the same routes.
///
/// Plain is a request with a short body of a known length to a deployment that is there, on a connection that goes on
/// afterwards, from a client that may ask.
final class GatewayHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// What comes is for Hummingbird.
        case passing
        /// What comes is the body of a request of ours.
        case reading(PlainRequest)
        /// What comes has to wait.
        case answering
    }

    private let gateway: Gateway
    private let admits: @Sendable (HTTPRequestHead) -> Bool
    private let metrics: RequestMetrics
    private var state = State.passing
    /// How many requests Hummingbird has not answered yet.
    private var passedCount = 0
    private var hasPassed = false
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    /// Whether what has waited is being dealt with, further down the stack.
    private var isGoingOn = false
    private var isReadHeldBack = false
    /// What went wrong on the connection while it was being answered.
    private var failure: (any Error)?
    private var context: ChannelHandlerContext?
    private var presence: ClientPresence?
    /// Whether the connection is to be closed when there is nothing left to answer.
    private var isEnding = false

    init(_ gateway: Gateway, metrics: RequestMetrics, admits: @escaping @Sendable (HTTPRequestHead) -> Bool) {
        self.gateway = gateway
        self.metrics = metrics
        self.admits = admits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.presence = ClientPresence.of(context.channel)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = self.unwrapInboundIn(data)
        if self.waiting.isEmpty, self.mayRead(part, context) {
            self.read(part, context)
        } else {
            self.waiting.append(part)
        }
    }

    /// Whether it is time for a part: not while a request is answered, and for another request only when the client
    /// takes the answers to those before.
    private func mayRead(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) -> Bool {
        switch self.state {
        case .answering: false
        case .reading, .passing: if case .head = part { context.channel.isWritable } else { true }
        }
    }

    private func read(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (self.state, part) {
        case (.answering, _): preconditionFailure("a part of a request was read while another one was answered")
        case (.reading(var request), .body(var piece)):
            // So that nothing is copied.
            self.state = .passing
            if request.body.readableBytes == 0 { request.body = piece } else { request.body.writeBuffer(&piece) }
            self.state = .reading(request)
        case (.reading(let request), .end):
            self.state = .answering
            self.answer(request, context)
        case (_, .head(let head)):
            if self.passedCount == 0, let request = PlainRequest(head, self.gateway.routes), self.admits(head) {
                return self.state = .reading(request)
            }
            self.passedCount += 1
            self.pass(part, context)
        case (.passing, _): self.pass(part, context)
        }
    }

    private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        self.hasPassed = true
        context.fireChannelRead(self.wrapInboundOut(part))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        guard self.hasPassed else { return }
        self.hasPassed = false
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch self.state {
        case .answering: self.failure = error
        case .passing where !self.waiting.isEmpty: self.failure = error
        case .reading:
            // Hummingbird answers what is no HTTP.
            self.state = .passing
            self.passedCount += 1
            context.fireErrorCaught(error)
        case .passing: context.fireErrorCaught(error)
        }
    }

    /// Hummingbird closes the connection when it has nothing left to answer, and knows of its own requests only.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent, !self.isIdle { return self.isEnding = true }
        context.fireUserInboundEventTriggered(event)
    }

    /// Whether there is nothing to do here.
    private var isIdle: Bool { if case .passing = self.state { self.waiting.isEmpty } else { false } }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if !self.waiting.isEmpty { self.goOn() }
        context.fireChannelWritabilityChanged()
    }

    /// Reads no further while a request that came too early waits.
    func read(context: ChannelHandlerContext) {
        guard self.waiting.isEmpty else { return self.isReadHeldBack = true }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) { self.passedCount -= 1 }
        context.write(data, promise: promise)
    }
}

/// Answers.
extension GatewayHandler {
    private func answer(_ request: PlainRequest, _ context: ChannelHandlerContext) {
        let start = NIODeadline.now()
        let (route, body) = (request.route, request.body)
        let headers = request.head.headers
        let choice = Choice(self.gateway.id(), route.subject(of: headers, body), route)
        let exchange = Exchange(self.gateway, route, choice, headers, body, since: start)
        let proxied = Gateway.proxied(request.head.method, request.path, headers, .whole(body), choice.idText)
        if !choice.shadows.isEmpty { self.gateway.shadow(proxied, exchange, choice.shadows, context.channel) }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let metricsKey = request.metricsKey
        do throws(ProxyFailure) {
            let call = try exchange.call(proxied)
            self.presence?.watch(call.cancel)
            call.run { outcome in
                bound.onLoop { $0.end(exchange, outcome) { $0.count(metricsKey, $1, since: start) } }
            }
        } catch {
            self.end(exchange, .failure(error)) { $0.count(metricsKey, $1, since: start) }
        }
    }

    /// - Parameter count: Told the status of the answer when its head is sent.
    private func end(
        _ exchange: Exchange,
        _ outcome: ProxyCall.Outcome,
        _ count: @escaping @Sendable (GatewayHandler, Int) -> Void
    ) {
        guard let context else { return }
        let presence = self.presence
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        if case .success(let answer) = outcome, answer.stream != nil {
            let answer: @Sendable () async -> Void = {
                await Self.answer(exchange, outcome, presence, bound, count)
            }
            Task(executorPreference: EventLoopExecutor(context.eventLoop), operation: answer)
            return
        }
        presence?.unwatch()
        exchange.answer(outcome, on: context.eventLoop) { answer in
            count(bound.value, Int(answer.head.status.code))
            bound.value.send(answer)
        }
    }

    private func send(_ answer: ShortAnswer) {
        guard let context else { return }
        context.write(self.wrapOutboundOut(.head(answer.head.dated)), promise: nil)
        if answer.body.readableBytes > 0 {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        self.finish()
    }

    /// Answers with what may take its time.
    private static func answer(
        _ exchange: Exchange,
        _ outcome: ProxyCall.Outcome,
        _ presence: ClientPresence?,
        _ handler: NIOLoopBound<GatewayHandler>,
        _ count: @escaping @Sendable (GatewayHandler, Int) -> Void
    ) async {
        let response = await exchange.response(outcome, nil, presence)
        let head = HTTPResponseHead(response.head).dated
        handler.onLoop { count($0, Int(head.status.code)) }
        do {
            let writer = PartWriter(handler: handler)
            try await writer.write(.head(head))
            try await response.body.write(writer)
        } catch {
            // The head is on its way, so all that is left is to cut the connection.
            handler.onLoop { $0.context?.close(promise: nil) }
        }
        handler.onLoop { $0.finish() }
    }

    private func count(_ key: (method: String, route: String), _ status: Int, since start: NIODeadline) {
        let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        self.metrics.record(.init(method: key.method, route: key.route, status: status), seconds: seconds)
    }

    /// Goes on with what has waited.
    private func finish() {
        self.state = .passing
        self.goOn()
    }

    private func goOn() {
        // Answers that are there at once end in here, each of which would call the next.
        guard !self.isGoingOn else { return }
        self.isGoingOn = true
        self.readWaiting()
        self.isGoingOn = false
        guard let context else { return }
        if self.isIdle, let failure { self.errorCaught(context: context, error: failure) }
        if self.isIdle, self.isEnding { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        self.channelReadComplete(context: context)
        guard self.isReadHeldBack, self.waiting.isEmpty else { return }
        self.isReadHeldBack = false
        context.read()
    }

    private func readWaiting() {
        while let context, let part = self.waiting.first, self.mayRead(part, context) {
            // Nobody would hear the answer.
            if case .head = part, self.presence?.hasLeft == true { return self.waiting.removeAll() }
            self.waiting.removeFirst()
            self.read(part, context)
        }
    }
}

/// Sends the parts of an answer, each when the last one is on its way.
private struct PartWriter: ResponseBodyWriter {
    let handler: NIOLoopBound<GatewayHandler>

    func write(_ part: HTTPServerResponsePart) async throws {
        let isSent = self.handler.eventLoop.makePromise(of: Void.self)
        self.handler.onLoop { $0.send(part, isSent) }
        try await isSent.futureResult.get()
    }

    func write(_ buffer: ByteBuffer) async throws { try await self.write(.body(.byteBuffer(buffer))) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        try await self.write(.end(trailingHeaders.map(HTTPHeaders.init)))
    }
}

extension GatewayHandler {
    fileprivate func send(_ part: HTTPServerResponsePart, _ promise: EventLoopPromise<Void>) {
        guard let context else { return promise.fail(ChannelError.ioOnClosedChannel) }
        context.writeAndFlush(self.wrapOutboundOut(part), promise: promise)
    }
}

extension NIOLoopBound {
    /// Runs something on the event loop; now, if this is it.
    fileprivate func onLoop(_ work: @escaping @Sendable (Value) -> Void) {
        if self.eventLoop.inEventLoop { work(self.value) } else { self.eventLoop.execute { work(self.value) } }
    }
}
