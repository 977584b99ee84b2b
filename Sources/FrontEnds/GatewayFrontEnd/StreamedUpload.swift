import Crypto
import Hummingbird
import MartletCore
import MartletProxy
import NIOCore
import Synchronization

/// A request's body on its way to a backend, as it comes.
final class StreamedUpload: Sendable {
    /// Why it did not arrive.
    enum Failure: Sendable {
        case tooLong
        /// The client broke off.
        case interrupted
    }

    private struct State {
        var task: Task<Void, Never>?
        var hasher: SHA256?
        var byteCount = 0
        var failure: Failure?
    }

    private let body: RequestBody
    private let bytesMax: Int
    private let executor: any TaskExecutor
    private let state: Mutex<State>

    /// - Parameter isHashed: Whether ``end()`` is to know the digest.
    init(_ body: RequestBody, bytesMax: Int, isHashed: Bool, on executor: any TaskExecutor) {
        self.body = body
        self.bytesMax = bytesMax
        self.executor = executor
        self.state = Mutex(State(hasher: isHashed ? SHA256() : nil))
    }

    /// Begins to pass it on.
    func start(_ upload: Upload) {
        let task = Task(executorPreference: self.executor) { await self.run(upload) }
        self.state.withLock { $0.task = task }
    }

    var failure: Failure? { self.state.withLock { $0.failure } }

    /// Waits until all of it is passed on, or nobody wants it any more.
    func finish() async {
        await self.state.withLock { $0.task }?.value
    }

    /// Reads no more of it; returns the digest of what was read.
    func end() async -> BlobDigest {
        let task = self.state.withLock { $0.task }
        task?.cancel()
        await task?.value
        return self.digest
    }

    /// Of what was read by now.
    var digest: BlobDigest { BlobDigest(self.state.withLock { $0.hasher ?? SHA256() }.finalize()) }

    private func run(_ upload: Upload) async {
        do {
            for try await piece in self.body {
                guard self.admits(piece) else { return upload.abort() }
                guard await upload.write(piece) else { return }
            }
            upload.finish()
        } catch {
            // Who has the whole answer wants no more of the question.
            guard !Task.isCancelled else { return }
            self.state.withLock { $0.failure = .interrupted }
            upload.abort()
        }
    }

    private func admits(_ piece: ByteBuffer) -> Bool {
        self.state.withLock { state in
            state.byteCount += piece.readableBytes
            guard state.byteCount <= self.bytesMax else {
                state.failure = .tooLong
                return false
            }
            piece.withUnsafeReadableBytes { state.hasher?.update(bufferPointer: $0) }
            return true
        }
    }
}
