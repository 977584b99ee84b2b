package import MartletBlobs
package import MartletCore

extension S3BlobStore {
    /// A slow sender is given time; a part that comes later is refused by the store.
    private static let directUploadSeconds = 86_400

    package func beginDirectUpload(_ id: StagedPartID, partCount: Int) async throws(MartletError) -> [String] {
        // Who sends a part is not asked for its SHA-256: the whole is hashed in the end.
        let upload = try await self.client.beginUpload(self.layout.data(id), withChecksums: false)
        try await self.client.put(self.layout.direct(id), text: upload.uploadID)
        let requests = (1...partCount).map { number in
            S3Request(.put, upload.key).asking("partNumber", String(number)).asking("uploadId", upload.uploadID)
        }
        return try await self.client.presignedURLs(of: requests, validSeconds: Self.directUploadSeconds)
    }

    package func joinDirectUpload(_ id: StagedPartID, _ tags: [String]) async throws(MartletError) -> any ReceivedBlob {
        guard let uploadID = try await self.client.text(of: self.layout.direct(id)) else {
            throw MartletError(.notFound, "the object store has no such upload")
        }
        let key = self.layout.data(id)
        let parts = tags.enumerated().map { S3UploadedPart(number: $0.offset + 1, tag: $0.element) }
        try await self.client.complete(S3Upload(key: key, uploadID: uploadID), parts, size: nil)
        guard let size = try await self.client.size(of: key) else { throw .missingBytes }
        return S3DirectUpload(into: self, id: id, size: size)
    }

    package func removeDirectUpload(_ id: StagedPartID) async throws(MartletError) {
        guard let uploadID = try await self.client.text(of: self.layout.direct(id)) else { return }
        try await self.client.abort(S3Upload(key: self.layout.data(id), uploadID: uploadID))
        // What was about to be published may have been; then the bytes are a file's.
        let marks = try await self.client.listAll("\(self.layout.pending)\(id.rawValue).")
        for mark in marks { try await self.settle(mark) }
        if marks.isEmpty { try await self.client.delete(self.layout.data(id)) }
        try await self.client.delete(self.layout.direct(id))
    }

    /// Removes the uploads that were begun before a moment, and returns those that were not.
    func removeDirectUploads(before oldest: Timestamp) async throws(MartletError) -> Set<StagedPartID> {
        var others: Set<StagedPartID> = []
        for object in try await self.client.listAll(self.layout.direct) {
            guard let id = StagedPartID(String(object.key.dropFirst(self.layout.direct.count))) else { continue }
            if object.modified < oldest { try await self.removeDirectUpload(id) } else { others.insert(id) }
        }
        return others
    }

    /// The bytes of a file or part that has a key of its own.
    func bytes(of id: StagedPartID, size: Int64) async throws(MartletError) -> BlobBytes {
        guard size > 0 else { return NoBytes() }
        guard let bytes = try await self.open(self.layout.data(id), 0..<size) else { throw .missingBytes }
        return bytes
    }
}
