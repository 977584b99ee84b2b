import AsyncHTTPClient
package import MartletBlobs
package import MartletCore

/// Blobs as objects of a bucket that servers may share.
///
/// The layout is a contract, see `docs/storage-format.md` and `docs/decisions/0013-s3.md`.
package final class S3BlobStore: BlobStore {
    package let client: S3Client
    package let layout: S3BlobLayout
    /// The memory of all uploads: 192 MiB.
    package let parts = PartBudget(partsMax: 12, patience: .seconds(30))
    /// Whether the store leaves an object that is there as it is when asked to.
    package let honoursConditions: Bool

    package let takesDirectUploads: Bool
    /// Whether readers may be sent to the store.
    private let lendsURLs: Bool
    /// Long enough for a reader to begin, and to come again for some other part.
    private static let urlSeconds = 900

    private init(client: S3Client, layout: S3BlobLayout, honoursConditions: Bool, _ settings: S3Settings) {
        self.client = client
        self.layout = layout
        self.honoursConditions = honoursConditions
        self.takesDirectUploads = settings.takesDirectUploads
        self.lendsURLs = settings.lendsURLs
    }

    /// Opens the store that the settings describe, and finds out whether it can be used.
    ///
    /// - Throws: What is wrong with the settings, naming the one to change.
    package static func open(_ settings: S3Settings) async throws(MartletError) -> S3BlobStore {
        let http = HTTPClient.forObjectStore(authorityFile: try settings.authorityFile())
        do throws(MartletError) {
            let client = S3Client(
                address: try settings.address(),
                credentials: CredentialCache(settings.credentials(http), now: settings.now),
                policy: settings.policy,
                now: settings.now,
                http: http
            )
            let layout = S3BlobLayout(prefix: client.address.prefix)
            let honoursConditions = try await client.patient(for: settings.startPatience).probe(layout)
            return S3BlobStore(client: client, layout: layout, honoursConditions: honoursConditions, settings)
        } catch {
            // What went wrong first is what to tell.
            try? await http.shutdown()
            throw error
        }
    }

    /// Closes all connections.
    package func close() async throws(MartletError) {
        do {
            try await self.client.http.shutdown()
        } catch {
            throw MartletError(.internal, "the object store's client did not stop", cause: error)
        }
    }

    package func beginUpload() async throws(MartletError) -> any BlobUpload {
        S3BlobUpload(into: self, id: .random())
    }

    package func assemble(_ parts: [StagedPart]) async throws(MartletError) -> any BlobUpload {
        let upload = S3BlobUpload(into: self, id: .random())
        do throws(MartletError) {
            for part in parts {
                for try await buffer in try await self.read(part) { try await upload.append(buffer) }
            }
            return upload
        } catch {
            await upload.discard()
            throw error
        }
    }

    package func size(of digest: BlobDigest) async throws(MartletError) -> Int64? {
        if let size = try await self.client.size(of: self.layout.small(digest)) { return size }
        return try await self.large(digest)?.size
    }

    package func read(_ digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes {
        guard !range.isEmpty else {
            guard let size = try await self.size(of: digest), size >= range.upperBound else { throw .missingBytes }
            return NoBytes()
        }
        // What ends that far cannot be in a small file.
        if range.upperBound <= Int64(S3Upload.partBytes),
            let bytes = try await self.open(self.layout.small(digest), range)
        {
            return bytes
        }
        guard let large = try await self.large(digest), large.size >= range.upperBound,
            let bytes = try await self.open(self.layout.data(large.id), range)
        else { throw .missingBytes }
        return bytes
    }

    package func temporaryURL(of blob: StoredBlob) async throws(MartletError) -> String? {
        guard self.lendsURLs else { return nil }
        var key = self.layout.small(blob.digest)
        if blob.size > Int64(S3Upload.partBytes) {
            guard let large = try await self.large(blob.digest) else { throw .missingBytes }
            key = self.layout.data(large.id)
        }
        return try await self.client.presignedURL(of: S3Request(.get, key), validSeconds: Self.urlSeconds)
    }

    package func delete(_ digest: BlobDigest) async throws(MartletError) {
        try await self.client.delete(self.layout.small(digest))
        guard let large = try await self.large(digest) else { return }
        // First the bytes: as long as something says where they are, they are found and deleted again.
        try await self.client.delete(self.layout.data(large.id))
        try await self.client.delete(self.layout.large(digest))
    }

    /// Where a large file is; `nil` when none is stored under a digest.
    func large(_ digest: BlobDigest) async throws(MartletError) -> LargeBlob? {
        guard let text = try await self.client.text(of: self.layout.large(digest)) else { return nil }
        guard let large = LargeBlob(text) else {
            throw MartletError(.integrity, "what says where a stored file is has been damaged")
        }
        return large
    }

    private func read(_ part: StagedPart) async throws(MartletError) -> BlobBytes {
        guard part.size > 0 else { return NoBytes() }
        let isLarge = part.size > Int64(S3Upload.partBytes)
        let key = isLarge ? self.layout.data(part.id) : self.layout.staged(part.id)
        guard let bytes = try await self.open(key, 0..<part.size) else { throw .missingBytes }
        return bytes
    }

    func open(_ key: String, _ range: Range<Int64>) async throws(MartletError) -> S3BlobBytes? {
        guard let stream = try await self.client.read(key, range) else { return nil }
        return S3BlobBytes(client: self.client, key: key, range: range, first: stream)
    }
}
