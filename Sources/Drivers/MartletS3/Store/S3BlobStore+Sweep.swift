import MartletBlobs
package import MartletCore

extension S3BlobStore {
    static let dayMilliseconds: Int64 = 86_400_000
    /// Longer than any upload that is still going on.
    private static let sweepDays: Int64 = 7

    /// Gives up uploads in parts that nobody will end, and removes what a crash left in the middle of a publication.
    ///
    /// May be called at any time, by several servers at once.
    package func removeUnfinished() async throws(MartletError) {
        let age = Self.sweepDays * Self.dayMilliseconds
        try await self.removeUnfinished(before: Timestamp(milliseconds: self.client.now().milliseconds - age))
    }

    /// Does the same with what is older than a moment.
    package func removeUnfinished(before oldest: Timestamp) async throws(MartletError) {
        try await self.abortUploads(before: oldest)
        for object in try await self.client.listAll(self.layout.pending)
        where object.modified < oldest {
            try await self.settle(object)
        }
    }

    private func abortUploads(before oldest: Timestamp) async throws(MartletError) {
        var page = try await self.client.listUploads(self.layout.data)
        while true {
            for upload in page.entries where upload.begun < oldest {
                try await self.client.abort(S3Upload(key: upload.key, uploadID: upload.uploadID))
            }
            if page.isLast { return }
            page = try await self.client.listUploads(self.layout.data, continuation: page.continuation)
        }
    }

    /// Removes bytes that were about to be published, unless they were.
    private func settle(_ object: ListedObject) async throws(MartletError) {
        guard let (id, digest) = self.layout.publication(inKey: object.key) else { return }
        if try await self.large(digest)?.id != id { try await self.client.delete(self.layout.data(id)) }
        try await self.client.delete(object.key)
    }
}
