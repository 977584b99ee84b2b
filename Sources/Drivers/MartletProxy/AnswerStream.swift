package import NIOCore

/// The body of an answer that is handed over as it comes, to one reader, which slows its backend down.
///
/// `@unchecked Sendable`: what changes is touched on its event loop only.
package final class AnswerStream: AsyncSequence, @unchecked Sendable {
    package typealias Element = ByteBuffer
    package typealias Failure = ProxyFailure
    fileprivate typealias Piece = Result<ByteBuffer?, ProxyFailure>

    private let loop: any EventLoop
    private let bytesMax: Int
    /// Where it comes from; `nil` when all of it is here.
    private var connection: BackendConnection?
    private var pieces = CircularBuffer<ByteBuffer>()
    private var bytesWaiting = 0
    private var failure: ProxyFailure?
    private var reader: CheckedContinuation<Piece, Never>?
    private var whenFull: (@Sendable () -> Void)?

    init(from connection: BackendConnection, on loop: any EventLoop, bytesMax: Int) {
        self.connection = connection
        self.loop = loop
        self.bytesMax = bytesMax
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(stream: self)
    }

    /// Reads no more; the connection is closed unless the answer has ended.
    package func cancel() {
        self.onLoop {
            self.connection?.fail(.cancelled)
            self.pieces.removeAll()
        }
    }

    /// Calls once, when as much is waiting as may be.
    package func whenFull(_ act: @escaping @Sendable () -> Void) {
        self.onLoop {
            if self.isFull { act() } else { self.whenFull = act }
        }
    }

    /// Whether as much is waiting as may be.
    var isFull: Bool { self.bytesWaiting >= self.bytesMax }

    func append(_ piece: ByteBuffer) {
        guard piece.readableBytes > 0 else { return }
        if let reader = self.takeReader() { return reader.resume(returning: .success(piece)) }
        self.pieces.append(piece)
        self.bytesWaiting += piece.readableBytes
        guard self.isFull, let whenFull else { return }
        self.whenFull = nil
        whenFull()
    }

    /// - Parameter failure: Why it ends too early; `nil` when it does not.
    func end(_ failure: ProxyFailure?) {
        self.connection = nil
        self.failure = failure
        self.takeReader()?.resume(returning: self.last)
    }

    private var last: Piece { self.failure.map { .failure($0) } ?? .success(nil) }

    private func takeReader() -> CheckedContinuation<Piece, Never>? {
        defer { self.reader = nil }
        return self.reader
    }

    private func read(_ reader: CheckedContinuation<Piece, Never>) {
        guard let piece = self.pieces.popFirst() else {
            guard self.connection != nil else { return reader.resume(returning: self.last) }
            return self.reader = reader
        }
        self.bytesWaiting -= piece.readableBytes
        if !self.isFull { self.connection?.readOn() }
        reader.resume(returning: .success(piece))
    }

    private func onLoop(_ work: @escaping @Sendable () -> Void) {
        if self.loop.inEventLoop { work() } else { self.loop.execute(work) }
    }

    /// The one that may read a stream.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let stream: AnswerStream

        package func next() async throws(ProxyFailure) -> ByteBuffer? {
            let stream = self.stream
            let piece = await withCheckedContinuation { reader in stream.onLoop { stream.read(reader) } }
            return try piece.get()
        }

        package func next(isolation actor: isolated (any Actor)?) async throws(ProxyFailure) -> ByteBuffer? {
            try await self.next()
        }
    }
}
