package import MartletBlobs
package import MartletCore
package import MartletSQL

/// Copies the bytes that a database names from one store to another.
package struct BlobCopy: Sendable {
    private static let blobsPerPage = 500
    private static let concurrencyMax = 4

    private let database: any Database
    private let source: any BlobStore
    private let target: any BlobStore

    package init(database: any Database, from source: any BlobStore, to target: any BlobStore) {
        self.database = database
        self.source = source
        self.target = target
    }

    /// Copies what the target does not have, and returns how many blobs there are, and how long they are together.
    ///
    /// What arrives is hashed on its way: no byte is taken that is not what its name says.
    ///
    /// - Parameter progress: Told how much has been looked at in all.
    package func run(_ progress: (Int, Int64) -> Void) async throws(MartletError) -> (count: Int, bytes: Int64) {
        var (count, bytes): (Int, Int64) = (0, 0)
        var last: BlobDigest?
        while true {
            let position = last
            let page = try await self.database.read(.inspection) { db throws(MartletError) in
                try db.query(BlobQueries.page(after: position, limit: Self.blobsPerPage)).map(BlobQueries.decode)
            }
            guard let end = page.last else { return (count, bytes) }
            try await self.copy(page)
            count += page.count
            bytes += page.reduce(0) { $0 + $1.size }
            progress(count, bytes)
            last = end.digest
        }
    }

    private func copy(_ blobs: [StoredBlob]) async throws(MartletError) {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (index, blob) in blobs.enumerated() {
                    if index >= Self.concurrencyMax { try await group.next() }
                    group.addTask { try await self.copy(blob) }
                }
                try await group.waitForAll()
            }
        } catch let error as MartletError {
            throw error
        } catch {
            throw MartletError(.internal, "bytes could not be copied", cause: error)
        }
    }

    private func copy(_ blob: StoredBlob) async throws(MartletError) {
        if try await self.target.size(of: blob.digest) == blob.size { return }
        if try await self.source.size(of: blob.digest) == nil, try await self.isCondemned(blob) { return }
        let upload = try await self.target.beginUpload()
        do throws(MartletError) {
            for try await buffer in try await self.source.read(blob.digest, 0..<blob.size) {
                try await upload.append(buffer)
            }
            let received = try await upload.seal()
            guard received == blob else {
                throw MartletError(.integrity, "the bytes of \(blob.digest) are not what their name says")
            }
            _ = try await upload.commit()
        } catch {
            await upload.discard()
            throw error
        }
    }

    /// Whether nobody needs a blob, so that its bytes may be gone already.
    private func isCondemned(_ blob: StoredBlob) async throws(MartletError) -> Bool {
        try await self.database.read { db throws(MartletError) in
            try db.queryOne(BlobQueries.isCondemned(blob.digest)) != nil
        }
    }
}
