import Crypto
import MartletCore
import NIOCore
import NIOPosix

/// One file on its way into a ``LocalBlobStore``.
///
/// Bytes are collected in one of two buffers. When it is full it is hashed and written, both at once
/// and on the store's threads, while the other one is being filled; ``append(_:)`` waits when that
/// one is full before its predecessor is done. A file that fits into the first buffer does not touch
/// the disk before it is committed.
final class LocalBlobUpload: BlobUpload {
    private let layout: LocalBlobLayout
    private let threads: NIOThreadPool
    private let id: StagedPartID

    private var filling = AlignedBuffer()
    /// The other buffer, once there is one. It belongs to the jobs while they run.
    private var flushing: AlignedBuffer?
    private var hashing: BlockingJob<SHA256>?
    private var writing: BlockingJob<PosixFile>?
    /// What came before `filling`, as soon as the jobs have ended.
    private var received: ReceivedBytes

    init(into store: LocalBlobStore) {
        self.layout = store.layout
        self.threads = store.threads
        self.id = StagedPartID(random: (.random(in: 0...UInt64.max), .random(in: 0...UInt64.max)))
        self.received = ReceivedBytes(path: store.layout.path(of: self.id))
    }

    func append(_ bytes: ByteBuffer) async throws(MartletError) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            self.filling.fill(from: &bytes)
            if self.filling.isFull { try await self.flush() }
        }
    }

    func commit() async throws(MartletError) -> StoredBlob {
        try await self.finishFlushing()
        return try await self.threads.run { [layout, received, filling] () throws(MartletError) in
            let blob = received.blob(endingIn: filling)
            if try FileSystem.size(of: layout.path(of: blob.digest)) == blob.size {
                try FileSystem.remove(received.path)
            } else {
                try received.write(end: filling)
                try FileSystem.rename(received.path, to: layout.path(of: blob.digest))
            }
            // Also for a file that was there: whoever put it there may not have got this far yet.
            try FileSystem.synchronizeDirectory(layout.directory(of: blob.digest))
            return blob
        }
    }

    func stage() async throws(MartletError) -> StagedPart {
        try await self.finishFlushing()
        return try await self.threads.run { [id, layout, received, filling] () throws(MartletError) in
            let blob = received.blob(endingIn: filling)
            try received.write(end: filling)
            try FileSystem.synchronizeDirectory(layout.staging)
            return StagedPart(id: id, digest: blob.digest, size: blob.size)
        }
    }

    func discard() async {
        // Whatever the jobs have failed with, it was told or nobody is left to be told.
        try? await self.finishFlushing()
        let path = self.received.path
        // What cannot be removed now is removed at the next start.
        try? await self.threads.run { () throws(MartletError) in try FileSystem.remove(path) }
    }
}

extension LocalBlobUpload {
    /// Hands the full buffer over to the jobs and goes on with the other one.
    private func flush() async throws(MartletError) {
        try await self.finishFlushing()
        let full = self.filling
        self.hashing = BlockingJob(on: self.threads) { [received] in
            var hash = received.hash
            hash.update(bufferPointer: full.bytes)
            return hash
        }
        self.writing = BlockingJob(on: self.threads) { [received] () throws(MartletError) in
            let file = try received.file(bypassingCache: true)
            try file.write(full.bytes, at: received.size)
            return file
        }
        self.received.size += Int64(AlignedBuffer.capacity)
        self.filling = self.flushing ?? AlignedBuffer()
        self.filling.removeAll()
        self.flushing = full
    }

    private func finishFlushing() async throws(MartletError) {
        guard let hashing, let writing else { return }
        self.hashing = nil
        self.writing = nil
        // Both must have ended before either's error is told: they use the buffer and the file.
        let (hash, file) = (await hashing.outcome, await writing.outcome)
        self.received.hash = try hash.get()
        self.received.file = try file.get()
    }
}

/// The beginning of a file: whole buffers that were hashed and written.
private struct ReceivedBytes: Sendable {
    let path: String
    var hash = SHA256()
    /// `nil` as long as nothing was written.
    var file: PosixFile?
    var size: Int64 = 0

    init(path: String) {
        self.path = path
    }

    /// Returns the file to write to, and creates it first if this is the first time.
    func file(bypassingCache: Bool) throws(MartletError) -> PosixFile {
        if let file { return file }
        return try PosixFile.create(self.path, bypassingCache: bypassingCache)
    }

    /// What the file is when `end` is the rest of it.
    func blob(endingIn end: AlignedBuffer) -> StoredBlob {
        var hash = self.hash
        hash.update(bufferPointer: end.bytes)
        return StoredBlob(digest: BlobDigest(bytes: Array(hash.finalize())), size: self.size + Int64(end.bytes.count))
    }

    /// Writes the rest of the file and returns when all of it is on the disk.
    func write(end: AlignedBuffer) throws(MartletError) {
        let file = try self.file(bypassingCache: false)
        try file.write(end.paddedBytes, at: self.size)
        try file.truncate(to: self.size + Int64(end.bytes.count))
        try file.synchronize()
    }
}
