package import NIOCore
package import NIOHTTP1

/// Closes a connection whose client says nothing for too long, between requests or in the middle of one; and that of a
/// client of HTTP/1.0, when it has its answer.
///
/// Hummingbird could do the first, but knows only of requests that come to it: handlers before it may answer others.
package final class ConnectionEndHandler: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart

    private let timeout: TimeAmount
    /// Requests that have begun and are not answered yet.
    private var unansweredCount = 0
    private var isReading = false
    /// Whether the server listens; while it does not, what the client says is not heard.
    private var isListening = true
    /// Whether the client waits for the end of the connection (RFC 9112, section 9.3).
    private var isLastAnswer = false
    private var lastUse = NIODeadline.now()
    private var look: Scheduled<Void>?

    package init(timeout: TimeAmount) {
        self.timeout = timeout
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        self.lastUse = context.eventLoop.now
        self.look(at: self.lastUse + self.timeout, context)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.look?.cancel()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.look?.cancel()
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.lastUse = context.eventLoop.now
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.isLastAnswer = head.version == .http1_0 && !head.isKeepAlive
            self.unansweredCount += 1
            self.isReading = true
        case .body: break
        case .end: self.isReading = false
        }
        context.fireChannelRead(data)
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        self.isListening = false
        context.fireChannelReadComplete()
    }

    package func read(context: ChannelHandlerContext) {
        if !self.isListening { self.lastUse = context.eventLoop.now }
        self.isListening = true
        context.read()
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        context.write(data, promise: promise)
        self.lastUse = context.eventLoop.now
        guard case .end = self.unwrapOutboundIn(data) else { return }
        self.unansweredCount -= 1
        guard self.isLastAnswer, self.unansweredCount == 0 else { return }
        context.flush()
        context.close(promise: nil)
    }

    private func look(at moment: NIODeadline, _ context: ChannelHandlerContext) {
        self.look = context.eventLoop.assumeIsolated().scheduleTask(deadline: moment) {
            // Whoever waits for an answer says nothing, and need not; neither does one whom nobody listens to.
            let now = context.eventLoop.now
            let isBusy = !self.isListening || self.unansweredCount > 0 && !self.isReading
            let end = (isBusy ? now : self.lastUse) + self.timeout
            if now >= end { context.close(promise: nil) } else { self.look(at: end, context) }
        }
    }
}
