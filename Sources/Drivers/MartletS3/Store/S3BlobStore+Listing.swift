package import MartletBlobs
package import MartletCore

extension S3BlobStore {
    package var isShared: Bool { true }

    package func listStaged() async throws(MartletError) -> [StagedPartID] {
        try await self.client.listAll(self.layout.staging).compactMap { self.stagedID($0) }
    }

    /// Lists the parts that are a day old: younger ones may be on their way to a row of another server's.
    package func listAbandoned() async throws(MartletError) -> [StagedPartID] {
        let oldest = Timestamp(milliseconds: self.client.now().milliseconds - Self.dayMilliseconds)
        return try await self.listStaged(before: oldest)
    }

    /// Lists the parts that are older than a moment.
    package func listStaged(before oldest: Timestamp) async throws(MartletError) -> [StagedPartID] {
        try await self.client.listAll(self.layout.staging)
            .filter { $0.modified < oldest }
            .compactMap { self.stagedID($0) }
    }

    package func removeStaged(_ parts: [StagedPartID]) async throws(MartletError) {
        try await self.removeStaged(parts, through: self.client)
    }

    func removeStaged(_ parts: [StagedPartID], through client: S3Client) async throws(MartletError) {
        for part in parts {
            // In this order: a part that a listing shows is removed again.
            try await client.delete(self.layout.data(part))
            try await client.delete(self.layout.staged(part))
        }
    }

    package func list(after digest: BlobDigest?) async throws(MartletError) -> [StoredBlob] {
        var page = try await self.client.list(self.layout.blobs, after: digest.map(self.layout.end))
        while true {
            let blobs = try await self.blobs(page.entries)
            if !blobs.isEmpty || page.isLast { return blobs }
            page = try await self.client.list(self.layout.blobs, continuation: page.continuation)
        }
    }

    /// What is ours of some objects, each digest once.
    private func blobs(_ objects: [ListedObject]) async throws(MartletError) -> [StoredBlob] {
        var blobs: [StoredBlob] = []
        for object in objects {
            guard let (digest, isLarge) = self.layout.digest(inKey: object.key), blobs.last?.digest != digest else {
                continue
            }
            let size = isLarge ? try await self.large(digest)?.size : object.size
            if let size { blobs.append(StoredBlob(digest: digest, size: size)) }
        }
        return blobs
    }

    private func stagedID(_ object: ListedObject) -> StagedPartID? {
        StagedPartID(String(object.key.dropFirst(self.layout.staging.count)))
    }
}
