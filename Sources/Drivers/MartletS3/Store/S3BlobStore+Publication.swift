import MartletBlobs
import MartletCore

extension S3BlobStore {
    /// Says under the digest of a large file that its bytes are in `data/<id>`. When somebody else was faster, they go.
    ///
    /// - Parameter present: What says where they are already; the bytes are then not there any more.
    func publish(_ blob: StoredBlob, at id: StagedPartID, replacing present: LargeBlob?) async throws(MartletError) {
        let key = self.layout.large(blob.digest)
        let text = LargeBlob(id: id, size: blob.size).text
        // Bytes that somebody has removed behind our back are replaced.
        let isOurs = try await self.client.put(key, text: text, onlyIfAbsent: present == nil)
        // Ours as well when the answer to a request that did it was lost.
        if !isOurs, try await self.large(blob.digest)?.id != id {
            try await self.client.delete(self.layout.data(id))
        }
    }
}
