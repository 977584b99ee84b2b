package import MartletBlobs
package import MartletCore
package import MartletSQL

/// Keeps collectors away from bytes that are just being given a name.
///
/// One for each blob store, shared by all who name blobs and by the collector. Within this process they wait for each
/// other; when other servers use the store as well, everybody also looks at the removals that are under way.
package final class BlobClaims: Sendable {
    let inProcess = Claims<BlobDigest>()
    /// `nil` when no other server uses the store.
    let removals: BlobRemovals?

    package init(database: any Database, blobs: any BlobStore, surroundings: Surroundings) {
        self.removals = blobs.isShared ? BlobRemovals(database: database, surroundings: surroundings) : nil
    }
}

/// That bytes are about to be named.
struct BlobClaim: Sendable {
    let digest: BlobDigest
    /// How often the bytes had been removed before; `nil` when nobody else could.
    fileprivate let removalCount: Int64?

    /// Throws when the bytes may have been removed since they were claimed. For the transaction that names them.
    func check(on db: any Connection) throws(MartletError) {
        guard let removalCount else { return }
        guard try BlobRemovals.state(of: self.digest, on: db) == .settled(count: removalCount) else {
            throw .bytesAreBeingRemoved
        }
    }
}

extension ReceivedBlob {
    /// Makes the bytes visible and has `name` write the row that names them.
    ///
    /// In between the bytes may be ones that were there before and that nobody has named for long, so from the look at
    /// the store until the row is there, no collector may come. One of another server cannot be kept away; but then
    /// the row is not written.
    func publish(
        under claims: BlobClaims,
        _ name: (StoredBlob, BlobClaim) async throws(MartletError) -> Void
    ) async throws(MartletError) {
        let digest = try await self.seal().digest
        try await claims.inProcess.sharing(digest) { () async throws(MartletError) in
            let removalCount = try await claims.removals?.countWhenSettled(of: digest)
            try await name(try await self.commit(), BlobClaim(digest: digest, removalCount: removalCount))
        }
    }
}
