import Crypto
import MartletCore
import MartletFiles
import NIOCore
import NIOPosix
import Synchronization

/// One file on its way into a ``LocalBlobStore``.
///
/// Bytes are collected in buffers that are hashed and written, both at once and on the store's threads, while the
/// next ones are being filled; ``append(_:)`` waits when all of them are in use. A file that fits into one buffer does
/// not touch the disk before it is committed.
///
/// The first bytes go to a small buffer. When it is full they move to a large one, if the store has one to lend;
/// otherwise the upload goes on in small pieces, and asks again with each.
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
        /// What a worker has not finished with, in the order of the file.
        var full: [FullBuffer] = []
        /// The sender, and what it is waiting for.
        var waiting: (goal: UploadPipeline.Goal, continuation: CheckedContinuation<Void, Never>)?

        /// Gives back the buffers that both workers have finished with.
        mutating func dropFinished() {
            while self.full.count > self.pipeline.pendingCount { self.full.removeFirst().buffer.giveBack() }
        }
    }

    private struct FullBuffer {
        let buffer: AlignedBuffer
        /// Where in the file its bytes belong.
        let offset: Int64
    }

    private let layout: LocalBlobLayout
    private let threads: NIOThreadPool
    private let budget: BufferBudget
    private let id: StagedPartID
    private let state = Mutex(State())

    /// What the sender fills; `nil` before the first byte and after the end.
    private var filling: AlignedBuffer?
    /// Where in the file its bytes belong.
    private var fillingOffset: Int64 = 0
    private var hash = SHA256()
    /// `nil` as long as nothing was written.
    private var file: PosixFile?
    /// `nil` as long as more may arrive.
    private var sealed: StoredBlob?

    init(into store: LocalBlobStore) {
        self.layout = store.layout
        self.threads = store.threads
        self.budget = store.buffers
        self.id = .random()
    }

    func append(_ bytes: ByteBuffer) async throws(MartletError) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            let buffer = self.filling ?? self.budget.small()
            self.filling = buffer
            buffer.fill(from: &bytes)
            if buffer.isFull { try await self.makeRoom(after: buffer) }
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
        self.releaseBuffers()
        return blob
    }

    func stage() async throws(MartletError) -> StagedPart {
        let blob = try await self.seal()
        try await self.threads.run { () throws(MartletError) in
            try self.writeEnd()
            try FileSystem.synchronizeDirectory(self.layout.staging)
        }
        self.releaseBuffers()
        return StagedPart(id: self.id, digest: blob.digest, size: blob.size)
    }

    func discard() async {
        // Whatever the workers have failed with, it was told or nobody is left to be told.
        try? await self.wait(for: .rest)
        self.releaseBuffers()
        // What cannot be removed now is removed at the next start.
        try? await self.threads.run { () throws(MartletError) in
            try FileSystem.remove(self.path)
            self.closeFile()
        }
    }
}

/// What the sender does.
extension LocalBlobUpload {
    private var path: String { self.layout.path(of: self.id) }

    /// Moves what a small buffer holds to a large one, or hands it over to the workers and goes on with another.
    private func makeRoom(after buffer: AlignedBuffer) async throws(MartletError) {
        if buffer.size == .small, let large = self.budget.large() {
            large.fill(from: buffer)
            buffer.giveBack()
            self.filling = large
        } else {
            self.filling = nil
            try await self.flush(buffer)
            self.filling = self.budget.large() ?? self.budget.small()
        }
    }

    private func flush(_ buffer: AlignedBuffer) async throws(MartletError) {
        let full = FullBuffer(buffer: buffer, offset: self.fillingOffset)
        self.fillingOffset += Int64(buffer.bytes.count)
        let resting = self.state.withLock { state in
            state.full.append(full)
            return state.pipeline.filledBuffer()
        }
        for worker in resting { self.submit(worker) }
        try await self.wait(for: .room)
    }

    /// Gives back all memory; the workers must be at rest.
    private func releaseBuffers() {
        self.filling?.giveBack()
        self.filling = nil
        self.state.withLock { state in
            for full in state.full { full.buffer.giveBack() }
            state.full = []
        }
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
                self.update { $0.pipeline.fail(MartletError(.unavailable, "the server is shutting down")) }
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
        guard let next = self.next(for: worker) else { return false }
        do throws(MartletError) {
            switch worker {
            case .hasher: self.hash.update(bufferPointer: next.buffer.bytes)
            case .writer: try self.openFile(bypassingCache: true).write(next.buffer.bytes, at: next.offset)
            }
            self.update { state in
                state.pipeline.finishedBuffer(worker)
                state.dropFinished()
            }
        } catch {
            self.update { $0.pipeline.fail(error) }
        }
        return true
    }

    private func next(for worker: UploadPipeline.Worker) -> FullBuffer? {
        var next: FullBuffer?
        self.update { state in
            let number = state.pipeline.next(for: worker)
            next = number.map { state.full[$0 - state.pipeline.finishedCount] }
        }
        return next
    }

    /// Changes the state of affairs, and calls the sender if that is what it was waiting for.
    private func update(_ change: (inout State) -> Void) {
        let waiting = self.state.withLock { state -> CheckedContinuation<Void, Never>? in
            change(&state)
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
        self.closeFile()
        // Also for a file that was there: whoever put it there may not have got this far yet.
        try FileSystem.synchronizeDirectory(self.layout.directory(of: blob.digest))
    }

    /// Here, because the last one to close a file that was removed waits until all its blocks are free.
    private func closeFile() {
        self.file = nil
    }

    private func hashEnd() -> StoredBlob {
        var size = self.fillingOffset
        if let filling {
            self.hash.update(bufferPointer: filling.bytes)
            size += Int64(filling.bytes.count)
        }
        return StoredBlob(digest: BlobDigest(self.hash.finalize()), size: size)
    }

    /// Writes what is left in the last buffer and returns when the whole file is on the disk.
    private func writeEnd() throws(MartletError) {
        let file = try self.openFile(bypassingCache: false)
        if let filling {
            try file.write(filling.paddedBytes, at: self.fillingOffset)
            try file.truncate(to: self.fillingOffset + Int64(filling.bytes.count))
        }
        try file.synchronize()
    }
}
