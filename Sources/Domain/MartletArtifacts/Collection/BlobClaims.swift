import MartletBlobs
package import MartletCore

/// Keeps the collector away from bytes that are just being given a name.
///
/// One for each blob store, shared by all who name blobs and by the collector.
package typealias BlobClaims = Claims<BlobDigest>

extension ReceivedBlob {
    /// Makes the bytes visible and has `name` write the row that names them.
    ///
    /// In between the bytes may be ones that were there before and that nobody has named for long, so from the look at
    /// the store until the row is there, no collector may come.
    func publish(
        under claims: BlobClaims,
        _ name: (StoredBlob) async throws(MartletError) -> Void
    ) async throws(MartletError) {
        let digest = try await self.seal().digest
        try await claims.sharing(digest) { () async throws(MartletError) in
            try await name(try await self.commit())
        }
    }
}
