import Glibc
import NIOCore
import NIOHTTP1

/// One connection to a backend, which answers one call after the other.
///
/// `@unchecked Sendable`: touched on its event loop only.
final class BackendConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPClientRequestPart

    private enum Phase {
        case idle
        /// Nothing of the answer is there.
        case asking
        /// A part of it is, and nobody has been told.
        case collecting
        /// It is handed over as it comes.
        case streaming
        case closed
    }

    /// A connection that lay longer than that is looked at before it is used: its backend may have closed it.
    private static let trustedRest = TimeAmount.milliseconds(100)

    private let pool: BackendPool
    private let deadline: MovingDeadline
    private var context: ChannelHandlerContext?
    private var phase = Phase.idle
    private var call: ProxyCall?
    /// Whether it has answered before.
    private var isKept = false
    private var lastUse = NIODeadline.now()
    private var isHeadSent = false
    private var isRequestSent = false
    /// Whoever waits to go on with a request's body.
    private var uploader: CheckedContinuation<Bool, Never>?
    private var head: HTTPResponseHead?
    private var collected = ByteBuffer()
    private var hasEnded = false
    /// Whether it said something that is no answer.
    private var isConfused = false
    private var stream: AnswerStream?
    private var isReadHeldBack = false

    init(_ pool: BackendPool) {
        self.pool = pool
        self.deadline = MovingDeadline(pool.loop)
    }

    var isOpen: Bool { self.context?.channel.isActive ?? false }

    /// Ends whatever is under way, and the connection with it.
    func fail(_ failure: ProxyFailure) {
        guard self.phase != .closed else { return }
        let (phase, call) = (self.phase, self.call)
        self.close()
        if phase == .streaming {
            call?.connection = nil
            call?.endStream()
            self.stream?.end(failure)
            self.stream = nil
        } else if failure == .broken, let call, self.isUnseen(call, phase) {
            call.failedUnseen()
        } else {
            call?.failed(failure, failure == .cancelled ? .none : .failed)
        }
    }

    /// Whether the backend cannot have acted by a request, or may as well do so once more (RFC 9110, section 9.2.2):
    /// it closed the connection that it had kept, perhaps long ago.
    private func isUnseen(_ call: ProxyCall, _ phase: Phase) -> Bool {
        switch phase {
        case .idle: true
        case .asking: self.isKept && !call.request.isStreamed && (call.request.isSafe || !self.isHeadSent)
        case .collecting, .streaming, .closed: false
        }
    }

    private func close() {
        self.phase = .closed
        self.call = nil
        self.deadline.stop()
        self.answerUploader(wantsMore: false)
        self.context?.close(promise: nil)
        self.pool.remove(self)
    }
}

/// Requests.
extension BackendConnection {
    /// Sends a request, if the backend is still there.
    func take(_ call: ProxyCall) {
        self.call = call
        call.connection = self
        guard self.isKept, NIODeadline.now() - self.lastUse > Self.trustedRest,
            let socket = self.context?.channel as? any SocketOptionProvider
        else { return self.ask(call) }
        socket.getTCPInfo().assumeIsolated().whenComplete { info in
            guard self.phase == .idle, self.call === call else { return }
            let isGone = (try? info.get()).map { $0.tcpi_state != Self.established } ?? false
            if isGone { self.fail(.broken) } else { self.ask(call) }
        }
    }

    /// As Linux numbers the states of a connection.
    private static let established: UInt8 = 1

    private func ask(_ call: ProxyCall) {
        guard let context else { return self.fail(.broken) }
        self.phase = .asking
        self.isHeadSent = false
        self.isRequestSent = false
        self.hasEnded = false
        self.deadline.move(to: call.deadline)
        let isSent = context.eventLoop.makePromise(of: Void.self)
        isSent.futureResult.assumeIsolated().whenSuccess { self.isHeadSent = true }
        context.write(self.wrapOutboundOut(.head(call.request.head(to: self.pool.address))), promise: isSent)
        switch call.request.body {
        case .whole(let body):
            if body.readableBytes > 0 { context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
            self.endUpload()
        case .streamed(_, let start):
            context.flush()
            // While the client sends, it may take its time; the backend's begins when it has all.
            self.deadline.move(to: nil)
            start(Upload(call: call))
        }
    }

    /// Passes a piece of the request's body on; `uploader` hears when the next one may come.
    func upload(_ piece: ByteBuffer, _ uploader: CheckedContinuation<Bool, Never>) {
        guard let context, self.phase != .closed, !self.isRequestSent else { return uploader.resume(returning: false) }
        context.writeAndFlush(self.wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
        // A failure to write has closed it by now.
        guard self.phase != .closed else { return uploader.resume(returning: false) }
        guard !context.channel.isWritable else { return uploader.resume(returning: true) }
        self.uploader = uploader
        self.expectProgress()
    }

    /// The backend is to take what it was sent, or to go on with its answer.
    private func expectProgress() {
        if let call { self.deadline.move(to: .now() + call.timeout) }
    }

    /// The request's body is complete.
    func endUpload() {
        guard let context, self.phase != .closed, !self.isRequestSent else { return }
        self.isRequestSent = true
        if let call, call.request.isStreamed, self.phase == .asking { self.expectProgress() }
        context.write(self.wrapOutboundOut(.end(nil)), promise: nil)
        // With those of all other calls of this turn of the loop: the first that is sent wakes its backend, which may
        // take this very processor.
        context.eventLoop.assumeIsolated().execute { context.flush() }
    }

    private func answerUploader(wantsMore: Bool) {
        let uploader = self.uploader
        self.uploader = nil
        uploader?.resume(returning: wantsMore)
    }
}

/// Answers.
extension BackendConnection {
    private func begin(_ head: HTTPResponseHead) {
        // Nobody has asked for anything else than HTTP.
        guard self.phase == .asking, head.status != .switchingProtocols else { return self.fail(.broken) }
        self.phase = .collecting
        self.head = head
        self.collected = ByteBuffer()
    }

    private func append(_ piece: ByteBuffer) {
        var piece = piece
        if let stream {
            stream.append(piece)
        } else if self.collected.readableBytes == 0 {
            self.collected = piece
        } else {
            self.collected.writeBuffer(&piece)
        }
    }

    /// Nothing more is there for now.
    private func pause() {
        if self.hasEnded { return self.finish() }
        switch self.phase {
        case .collecting:
            if !self.isShort { return self.beginStream() }
            self.expectProgress()
        case .streaming:
            self.deadline.move(to: .now() + self.pool.settings.silenceMax)
        case .idle, .asking, .closed: break
        }
    }

    /// Whether the answer says that it is short enough to be waited for.
    private var isShort: Bool {
        let length = self.head?.headers.first(name: "content-length").flatMap { Int($0) }
        return length.map { $0 <= self.pool.settings.wholeAnswerBytes } ?? false
    }

    private func beginStream() {
        guard let call, let head else { return }
        let stream = AnswerStream(from: self, on: self.pool.loop, bytesMax: self.pool.settings.bytesAheadMax)
        stream.append(self.collected)
        self.collected = ByteBuffer()
        self.stream = stream
        self.phase = .streaming
        self.deadline.move(to: .now() + self.pool.settings.silenceMax)
        call.answered(ProxiedAnswer(status: head.status, headers: head.headers, body: .streamed(stream)))
    }

    /// The answer is complete; hands it over, and makes room for the next call.
    private func finish() {
        guard let call, let head else { return }
        let (stream, body) = (self.stream, self.collected)
        call.connection = nil
        self.call = nil
        self.stream = nil
        self.collected = ByteBuffer()
        // What is left of a request would be taken for the next one.
        // After an exception some servers answer 500, as if the connection went on, and close it (uvicorn does).
        let isOfUse = head.isKeepAlive && head.status.code < 500 && self.isOpen && !self.isConfused
        if isOfUse, self.isRequestSent { self.rest() } else { self.close() }
        if let stream {
            call.endStream()
            stream.end(nil)
        } else {
            call.answered(ProxiedAnswer(status: head.status, headers: head.headers, body: .whole(body)))
        }
    }

    private func rest() {
        self.phase = .idle
        self.isKept = true
        self.hasEnded = false
        self.lastUse = .now()
        self.deadline.move(to: self.lastUse + self.pool.settings.idleTime)
        self.pool.free(self)
    }

    /// Whoever reads the stream wants more.
    func readOn() {
        guard self.isReadHeldBack, let context else { return }
        self.isReadHeldBack = false
        self.deadline.move(to: .now() + self.pool.settings.silenceMax)
        context.read()
    }
}

/// What the channel says.
extension BackendConnection {
    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.deadline.expire = { self.fail(.timeout) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.begin(head)
        case .body(let piece): self.append(piece)
        case .end: self.hasEnded = true
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.pool.counter.hear()
        self.pause()
    }

    func channelInactive(context: ChannelHandlerContext) {
        // An answer may end with its connection.
        if self.hasEnded { self.finish() }
        self.fail(.broken)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Whatever follows a complete answer is not part of it.
        self.isConfused = true
        if self.hasEnded { self.finish() }
        self.fail(.broken)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        guard context.channel.isWritable, self.uploader != nil else { return }
        if self.phase == .asking { self.deadline.move(to: nil) }
        self.answerUploader(wantsMore: true)
    }

    func read(context: ChannelHandlerContext) {
        guard self.stream?.isFull == true else { return context.read() }
        self.isReadHeldBack = true
        // It is not the backend that is slow.
        self.deadline.move(to: nil)
    }
}
