import Crypto
import MartletBlobs
import MartletCore
import NIOCore

/// One file on its way into an ``S3BlobStore``.
///
/// Up to one part is collected in memory and becomes one object. What is longer goes to a key of its own in parts, a
/// few of which are being sent while the next one is filled. Parts are hashed one after the other, beside both.
final class S3BlobUpload: BlobUpload {
    /// Somebody waits for an answer that will be an error, and what cannot be removed now is swept later.
    private static let removalPatience = Duration.seconds(5)
    /// What an upload may hold without asking.
    private static let freeBytes = 1 << 18
    /// More would not be faster, but memory that others need.
    private static let partsInFlightMax = 3

    private typealias Sending = Task<Result<S3UploadedPart, MartletError>, Never>

    private let store: S3BlobStore
    private let id: StagedPartID
    /// The hash of all parts that were handed on.
    private var hashing: Task<SHA256, Never>?
    /// What the sender fills.
    private var filling = ByteBuffer()
    /// Whether `filling` counts in the budget.
    private var isCounted = false
    private var handedOnBytes: Int64 = 0
    /// `nil` as long as all bytes fit into one part.
    private var upload: S3Upload?
    private var sending: [Sending] = []
    private var sent: [S3UploadedPart] = []
    /// `nil` as long as more may arrive.
    private var sealed: StoredBlob?
    /// Whether anybody may count on the bytes by now.
    private var isPublished = false
    private var isStaged = false

    init(into store: S3BlobStore, id: StagedPartID) {
        self.store = store
        self.id = id
    }

    private var client: S3Client { self.store.client }
    private var layout: S3BlobLayout { self.store.layout }

    func append(_ bytes: ByteBuffer) async throws(MartletError) {
        var bytes = bytes
        while bytes.readableBytes > 0 {
            let room = try await self.makeRoom(for: bytes.readableBytes)
            if let piece = bytes.readSlice(length: min(bytes.readableBytes, room)) {
                self.filling.writeImmutableBuffer(piece)
            }
        }
    }

    func seal() async throws(MartletError) -> StoredBlob {
        if let sealed { return sealed }
        let size = self.handedOnBytes + Int64(self.filling.readableBytes)
        var hash = await self.hashing?.value ?? SHA256()
        self.filling.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        let blob = StoredBlob(digest: BlobDigest(hash.finalize()), size: size)
        if self.upload != nil { try await self.handOn() }
        self.sealed = blob
        return blob
    }

    func commit() async throws(MartletError) -> StoredBlob {
        let blob = try await self.seal()
        if self.upload == nil {
            try await self.publishSmall(blob)
        } else {
            try await self.publishLarge(blob)
        }
        self.isPublished = true
        self.giveBackFilling()
        return blob
    }

    func stage() async throws(MartletError) -> StagedPart {
        let blob = try await self.seal()
        self.isStaged = true
        if self.upload == nil {
            _ = try await self.client.put(self.layout.staged(self.id), self.filling, blob.digest)
        } else {
            // First, so that there is never a large part that no listing shows.
            try await self.client.put(self.layout.staged(self.id), text: "")
            try await self.complete(blob)
        }
        self.giveBackFilling()
        return StagedPart(id: self.id, digest: blob.digest, size: blob.size)
    }

    func discard() async {
        for task in self.sending { task.cancel() }
        for task in self.sending { _ = await task.value }
        self.sending = []
        _ = await self.hashing?.value
        self.giveBackFilling()
        guard !self.isPublished else { return }
        await self.removeTraces()
    }
}

/// How bytes get on their way.
extension S3BlobUpload {
    /// Returns how many bytes may be written to `filling`.
    private func makeRoom(for length: Int) async throws(MartletError) -> Int {
        if self.isCounted {
            let room = S3Upload.partBytes - self.filling.readableBytes
            if room > 0 { return room }
            try await self.handOn()
        } else if self.filling.readableBytes + length <= Self.freeBytes {
            return length
        }
        try await self.store.parts.take()
        self.isCounted = true
        var buffer = ByteBufferAllocator().buffer(capacity: S3Upload.partBytes)
        buffer.writeBuffer(&self.filling)
        self.filling = buffer
        return S3Upload.partBytes - buffer.readableBytes
    }

    /// Has the part that was filled hashed and sent, and begins the next one with nothing.
    private func handOn() async throws(MartletError) {
        let upload = try await self.begunUpload()
        try await self.wait(untilInFlight: Self.partsInFlightMax - 1)
        let number = self.sent.count + self.sending.count + 1
        guard number <= S3Upload.partsMax else {
            throw MartletError(.limitExceeded, "the file is larger than 156 GiB, which is what the object store takes")
        }
        let part = OutgoingPart(number: number, bytes: self.filling, budget: self.isCounted ? self.store.parts : nil)
        let (previous, client) = (self.hashing, self.client)
        let hashing = Task { await part.hash(after: previous) }
        self.sending.append(Task { await part.send(to: upload, through: client, beside: hashing) })
        self.hashing = hashing
        self.handedOnBytes += Int64(part.bytes.readableBytes)
        self.filling = ByteBuffer()
        self.isCounted = false
    }

    private func begunUpload() async throws(MartletError) -> S3Upload {
        if let upload { return upload }
        let upload = try await self.client.beginUpload(self.layout.data(self.id))
        self.upload = upload
        return upload
    }

    /// Waits until only so many parts are being sent, and throws if one could not be.
    private func wait(untilInFlight count: Int) async throws(MartletError) {
        while self.sending.count > count, let first = self.sending.first {
            let outcome = await first.value
            self.sending.removeFirst()
            self.sent.append(try outcome.get())
        }
    }

    /// Removes what the store has of an upload that failed, perhaps because nobody waits for it any more: hence a task
    /// of its own, which is not cancelled.
    private func removeTraces() async {
        let client = self.client.patient(for: Self.removalPatience)
        let (upload, staged) = (self.upload, self.isStaged ? self.id : nil)
        let store = self.store
        await Task {
            if let upload { try? await client.abort(upload) }
            if let staged { try? await store.removeStaged([staged], through: client) }
        }.value
    }

    private func giveBackFilling() {
        if self.isCounted { self.store.parts.giveBack() }
        self.filling = ByteBuffer()
        self.isCounted = false
    }
}

/// How what was received becomes a file.
extension S3BlobUpload {
    private func publishSmall(_ blob: StoredBlob) async throws(MartletError) {
        let key = self.layout.small(blob.digest)
        if try await self.client.put(key, self.filling, blob.digest, onlyIfAbsent: true) { return }
        // Bytes that somebody has damaged behind our back are replaced.
        guard try await self.client.size(of: key) != blob.size else { return }
        _ = try await self.client.put(key, self.filling, blob.digest)
    }

    private func publishLarge(_ blob: StoredBlob) async throws(MartletError) {
        let present = try await self.store.large(blob.digest)
        if let present, try await self.client.size(of: self.layout.data(present.id)) == blob.size {
            return await self.discard()
        }
        let pending = self.layout.pending(self.id, blob.digest)
        try await self.client.put(pending, text: "")
        try await self.complete(blob)
        try await self.store.publish(blob, at: self.id, replacing: present)
        // Otherwise swept later, and then found to be published.
        try? await self.client.delete(pending)
    }

    private func complete(_ blob: StoredBlob) async throws(MartletError) {
        guard let upload else { return }
        try await self.wait(untilInFlight: 0)
        try await self.client.complete(upload, self.sent, size: blob.size)
        self.upload = nil
    }
}
