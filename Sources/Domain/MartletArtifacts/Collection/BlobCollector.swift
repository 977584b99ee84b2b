package import MartletBlobs
package import MartletCore
package import MartletSQL

/// Removes bytes that nobody has named for a while.
///
/// What it relies on, and what a crash at any point leaves, is in `docs/storage-format.md`. One collector at a time.
package struct BlobCollector: Sendable {
    /// How long bytes outlive their last name: time to take a mistake back with the same bytes, or to notice that a
    /// folder was served with the wrong database.
    package static let graceHours: Int64 = 24

    /// Bounds how long an upload of one of the same bytes waits, and how much one commit deletes.
    private static let blobsPerTurn = 32

    private let database: any Database
    private let blobs: any BlobStore
    private let claims: BlobClaims
    private let surroundings: Surroundings

    package init(database: any Database, blobs: any BlobStore, claims: BlobClaims, surroundings: Surroundings) {
        self.database = database
        self.blobs = blobs
        self.claims = claims
        self.surroundings = surroundings
    }

    /// Removes what has been condemned for longer than the grace period, and returns how many blobs that were.
    ///
    /// Ends early, between blobs, when its task is cancelled.
    package func collect() async throws(MartletError) -> Int {
        let now = self.surroundings.now().milliseconds
        let latest = Timestamp(milliseconds: now - Self.graceHours * 3_600_000)
        var count = 0
        var position: CondemnedBlob?
        while !Task.isCancelled {
            let page = try await self.condemned(until: latest, after: position)
            guard let last = page.last else { break }
            position = last
            count += try await self.claims.owningFree(of: page.map(\.digest)) { free throws(MartletError) in
                try await self.remove(free, condemnedUntil: latest)
            }
        }
        return count
    }

    /// Condemns files that have no row, and returns how many: what a crash, or a refused name, has left.
    ///
    /// They are then collected like everything else: not before they have been seen for as long as the grace period.
    package func condemnUnnamed() async throws(MartletError) -> Int {
        var count = 0
        var position: BlobDigest?
        while !Task.isCancelled {
            let files = try await self.blobs.list(after: position)
            guard let first = files.first, let last = files.last else { break }
            position = last.digest
            let named = try await self.database.read { db throws(MartletError) in
                Set(try db.query(BlobQueries.digests(from: first.digest, through: last.digest)).map { $0.bytes(0) })
            }
            let unnamed = files.filter { !named.contains($0.digest.bytes) }
            if !unnamed.isEmpty { count += try await self.condemn(unnamed) }
        }
        return count
    }

    private func condemned(
        until latest: Timestamp,
        after position: CondemnedBlob?
    ) async throws(MartletError) -> [CondemnedBlob] {
        try await self.database.read { db throws(MartletError) in
            try db.query(BlobQueries.condemned(until: latest, after: position, limit: Self.blobsPerTurn)).map { row in
                CondemnedBlob(at: Timestamp(milliseconds: row.integer(0)), digest: BlobDigest(bytes: row.bytes(1)))
            }
        }
    }

    /// Removes rows that are still condemned, and then their files: a crash in between leaves files without rows.
    private func remove(
        _ digests: [BlobDigest],
        condemnedUntil latest: Timestamp
    ) async throws(MartletError) -> Int {
        let removed = try await self.database.write { db throws(MartletError) in
            var removed: [BlobDigest] = []
            for digest in digests where try db.execute(BlobQueries.delete(digest, condemnedUntil: latest)) > 0 {
                removed.append(digest)
            }
            return removed
        }
        for digest in removed { try await self.blobs.delete(digest) }
        return removed.count
    }

    /// An upload of the same bytes may be about to write the row: what it writes holds, whichever comes first.
    private func condemn(_ files: [StoredBlob]) async throws(MartletError) -> Int {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            var count = 0
            for file in files { count += try db.execute(BlobQueries.insertCondemned(file, at: now)) }
            return count
        }
    }
}

/// A blob that waits for the collector, in the order in which it comes to them.
struct CondemnedBlob: Sendable {
    let at: Timestamp
    let digest: BlobDigest
}
