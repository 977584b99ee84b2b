import MartletBlobs
package import MartletCore

extension S3BlobStore {
    static let dayMilliseconds: Int64 = 86_400_000
    /// Longer than any upload that is still going on.
    private static let sweepDays: Int64 = 7
    /// By then the domain has forgotten them, so that nobody completes one any more.
    private static let directUploadDays: Int64 = 8

    /// Gives up uploads in parts that nobody will end, and removes what a crash left in the middle of a publication.
    ///
    /// May be called at any time, by several servers at once.
    package func removeUnfinished() async throws(MartletError) {
        try await self.removeUnfinished(
            before: self.moment(daysAgo: Self.sweepDays),
            direct: self.moment(daysAgo: Self.directUploadDays)
        )
    }

    /// Does the same with what is older than a moment, and with direct uploads that are older than another.
    package func removeUnfinished(before oldest: Timestamp, direct oldestDirect: Timestamp) async throws(MartletError) {
        let direct = try await self.removeDirectUploads(before: oldestDirect)
        try await self.abortUploads(before: oldest)
        for object in try await self.client.listAll(self.layout.pending)
        where object.modified < oldest {
            // As long as a direct upload is there, its mark says that its bytes may be a file's.
            guard let id = self.layout.publication(inKey: object.key)?.id, !direct.contains(id) else { continue }
            try await self.settle(object)
        }
    }

    private func moment(daysAgo days: Int64) -> Timestamp {
        Timestamp(milliseconds: self.client.now().milliseconds - days * Self.dayMilliseconds)
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
    func settle(_ object: ListedObject) async throws(MartletError) {
        guard let (id, digest) = self.layout.publication(inKey: object.key) else { return }
        if try await self.large(digest)?.id != id { try await self.client.delete(self.layout.data(id)) }
        try await self.client.delete(object.key)
    }
}
