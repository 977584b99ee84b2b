import Crypto
import MartletBlobs
import MartletCore
import NIOCore

/// A file that its sender has brought to `data/<id>` itself: joined, and to be read once before anybody may know it.
///
/// What says that it is there stays until ``S3BlobStore/removeDirectUpload(_:)``, so each step may be repeated.
final class S3DirectUpload: ReceivedBlob {
    private let store: S3BlobStore
    private let id: StagedPartID
    private let size: Int64
    /// `nil` as long as nobody has read the bytes.
    private var sealed: StoredBlob?

    init(into store: S3BlobStore, id: StagedPartID, size: Int64) {
        self.store = store
        self.id = id
        self.size = size
    }

    func seal() async throws(MartletError) -> StoredBlob {
        if let sealed { return sealed }
        var hash = SHA256()
        for try await buffer in try await self.store.bytes(of: self.id, size: self.size) {
            buffer.withUnsafeReadableBytes { hash.update(bufferPointer: $0) }
        }
        let blob = StoredBlob(digest: BlobDigest(hash.finalize()), size: self.size)
        self.sealed = blob
        return blob
    }

    func commit() async throws(MartletError) -> StoredBlob {
        let blob = try await self.seal()
        if blob.size > Int64(S3Upload.partBytes) { try await self.publish(blob) } else { try await self.copy(blob) }
        return blob
    }

    private func publish(_ blob: StoredBlob) async throws(MartletError) {
        let present = try await self.store.large(blob.digest)
        if let present, try await self.store.client.size(of: self.store.layout.data(present.id)) == blob.size { return }
        try await self.store.client.put(self.store.layout.pending(self.id, blob.digest), text: "")
        try await self.store.publish(blob, at: self.id, replacing: present)
    }

    /// A small file has its bytes under its digest.
    private func copy(_ blob: StoredBlob) async throws(MartletError) {
        let upload = try await self.store.beginUpload()
        do throws(MartletError) {
            for try await buffer in try await self.store.bytes(of: self.id, size: self.size) {
                try await upload.append(buffer)
            }
            guard try await upload.commit() == blob else { throw .missingBytes }
        } catch {
            await upload.discard()
            throw error
        }
    }
}
