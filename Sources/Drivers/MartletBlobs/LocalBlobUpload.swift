import Crypto
import MartletCore
import NIOCore
import NIOPosix
import Synchronization

/// One file on its way into a ``LocalBlobStore``.
///
/// Bytes are collected in buffers that are hashed and written, both at once and on the store's threads, while the
/// next ones are being filled; ``append(_:)`` waits when all of them are in use. A file that fits into the first
/// buffer does not touch the disk before it is committed.
///
/// `@unchecked Sendable`: the sender and the two workers ask ``UploadPipeline``, under the lock, before they touch a
/// buffer; only the hasher touches `hash` and only the writer `file`, until both have come to rest.
final class LocalBlobUpload: BlobUpload, @unchecked Sendable {
    /// With fewer, the sender and the workers wait for each other whenever a core is taken away from one of them.
    private static let bufferCount = 4
    /// How much a worker does before it lets another upload have its thread: some milliseconds' worth.
    private static let buffersPerTurn = 16

    private struct State {
        var pipeline = UploadPipeline(bufferCount: LocalBlobUpload.bufferCount)
        /// The sender, and what it is waiting for.
        var waiting: (goal: UploadPipeline.Goal, continuation: CheckedContinuation<Void, Never>)?
    }

    private let layout: LocalBlobLayout
    private let threads: NIOThreadPool
    private let id: StagedPartID
    private let buffers = (0..<bufferCount).map { _ in AlignedBuffer() }
    private let state = Mutex(State())

    /// How many buffers have been filled.
    private var filledCount = 0
    private var hash = SHA256()
    /// `nil` as long as nothing was written.
    private var file: PosixFile?
    /// `nil` as long as more may arrive.
    private var sealed: StoredBlob?

    init(into store: LocalBlobStore) {
        self.layout = store.layout
        self.threads = store.threads
        self.id = StagedPartID(random: (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)))
    }

    func append(_ bytes: ByteBuffer) async throws(MartletError) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            self.filling.fill(from: &bytes)
            if self.filling.isFull { try await self.flush() }
        }
    }

    func seal() async throws(MartletError) -> StoredBlob {
        if let sealed { return sealed }
        try await self.wait(for: .rest)
        let blob = try await self.threads.run { () throws(MartletError) in self.hashEnd() }
        self.sealed = blob
        return blob
    }

    func commit() async throws(MartletError) -> StoredBlob {
        let blob = try await self.seal()
        try await self.threads.run { () throws(MartletError) in try self.publish(blob) }
        return blob
    }

    func stage() async throws(MartletError) -> StagedPart {
        let blob = try await self.seal()
        return try await self.threads.run { () throws(MartletError) in
            try self.writeEnd()
            try FileSystem.synchronizeDirectory(self.layout.staging)
            return StagedPart(id: self.id, digest: blob.digest, size: blob.size)
        }
    }

    func discard() async {
        // Whatever the workers have failed with, it was told or nobody is left to be told.
        try? await self.wait(for: .rest)
        // What cannot be removed now is removed at the next start.
        try? await self.threads.run { () throws(MartletError) in try FileSystem.remove(self.path) }
    }
}

/// What the sender does.
extension LocalBlobUpload {
    private var path: String { self.layout.path(of: self.id) }
    private var filling: AlignedBuffer { self.buffers[self.filledCount % Self.bufferCount] }

    /// Hands the full buffer over to the workers and goes on with the next one.
    private func flush() async throws(MartletError) {
        for worker in self.state.withLock({ $0.pipeline.filledBuffer() }) {
            self.submit(worker)
        }
        try await self.wait(for: .room)
        self.filledCount += 1
        self.filling.removeAll()
    }

    private func wait(for goal: UploadPipeline.Goal) async throws(MartletError) {
        await withCheckedContinuation { continuation in
            let hasReachedIt = self.state.withLock { state in
                let hasReachedIt = state.pipeline.hasReached(goal)
                if !hasReachedIt { state.waiting = (goal, continuation) }
                return hasReachedIt
            }
            if hasReachedIt { continuation.resume() }
        }
        if let failure = self.state.withLock({ $0.pipeline.failure }) { throw failure }
    }
}

/// What the workers do, on the store's threads.
extension LocalBlobUpload {
    private func submit(_ worker: UploadPipeline.Worker) {
        self.threads.submit { poolState in
            if poolState == .cancelled {
                self.update { $0.fail(MartletError(.unavailable, "the server is shutting down")) }
            }
            self.work(worker)
        }
    }

    /// Takes buffers until there is none or others have waited long enough for this thread.
    private func work(_ worker: UploadPipeline.Worker) {
        for _ in 0..<Self.buffersPerTurn {
            guard self.workOnce(worker) else { return }
        }
        self.submit(worker)
    }

    /// Returns whether there was a buffer to take.
    private func workOnce(_ worker: UploadPipeline.Worker) -> Bool {
        var next: Int?
        self.update { next = $0.next(for: worker) }
        guard let next else { return false }
        let bytes = self.buffers[next % Self.bufferCount].bytes
        do throws(MartletError) {
            switch worker {
            case .hasher: self.hash.update(bufferPointer: bytes)
            case .writer:
                try self.openFile(bypassingCache: true).write(bytes, at: Int64(next) * Int64(AlignedBuffer.capacity))
            }
            self.update { $0.finishedBuffer(worker) }
        } catch {
            self.update { $0.fail(error) }
        }
        return true
    }

    /// Changes the state of affairs, and calls the sender if that is what it was waiting for.
    private func update(_ change: (inout UploadPipeline) -> Void) {
        let waiting = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state.pipeline)
            guard let waiting = state.waiting, state.pipeline.hasReached(waiting.goal) else { return nil }
            state.waiting = nil
            return waiting.continuation
        }
        waiting?.resume()
    }

    private func openFile(bypassingCache: Bool) throws(MartletError) -> PosixFile {
        if let file { return file }
        let file = try PosixFile.create(self.path, bypassingCache: bypassingCache)
        self.file = file
        return file
    }
}

/// What happens at the end, on one of the store's threads and with the workers at rest.
extension LocalBlobUpload {
    private func publish(_ blob: StoredBlob) throws(MartletError) {
        if try FileSystem.size(of: self.layout.path(of: blob.digest)) == blob.size {
            try FileSystem.remove(self.path)
        } else {
            try self.writeEnd()
            try FileSystem.rename(self.path, to: self.layout.path(of: blob.digest))
        }
        // Also for a file that was there: whoever put it there may not have got this far yet.
        try FileSystem.synchronizeDirectory(self.layout.directory(of: blob.digest))
    }

    private func hashEnd() -> StoredBlob {
        self.hash.update(bufferPointer: self.filling.bytes)
        let size = self.endOffset + Int64(self.filling.bytes.count)
        return StoredBlob(digest: BlobDigest(bytes: Array(self.hash.finalize())), size: size)
    }

    /// Writes what is left in the last buffer and returns when the whole file is on the disk.
    private func writeEnd() throws(MartletError) {
        let file = try self.openFile(bypassingCache: false)
        try file.write(self.filling.paddedBytes, at: self.endOffset)
        try file.truncate(to: self.endOffset + Int64(self.filling.bytes.count))
        try file.synchronize()
    }

    /// Where the last buffer's bytes belong.
    private var endOffset: Int64 { Int64(self.filledCount) * Int64(AlignedBuffer.capacity) }
}
