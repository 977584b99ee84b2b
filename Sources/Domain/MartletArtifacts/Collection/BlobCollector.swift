package import MartletBlobs
package import MartletCore
package import MartletSQL

/// Removes bytes that nobody has named for a while.
///
/// What it relies on, and what a crash at any point leaves, is in `docs/storage-format.md`. One collector at a time in
/// a process; those of several servers that share a store tell each other what they remove (``BlobRemovals``).
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
        var count = try await self.removeAbandoned()
        var position: CondemnedBlob?
        while !Task.isCancelled {
            let page = try await self.condemned(until: latest, after: position)
            guard let last = page.last else { break }
            position = last
            count += try await self.claims.inProcess.owningFree(of: page.map(\.digest)) { free throws(MartletError) in
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
        let began = ContinuousClock.now
        let now = self.surroundings.now()
        let isShared = self.claims.removals != nil
        let removed = try await self.database.write { db throws(MartletError) in
            var removed: [BlobDigest] = []
            for digest in digests where try db.execute(BlobQueries.delete(digest, condemnedUntil: latest)) > 0 {
                if isShared { try db.execute(BlobRemovalQueries.begin(digest, at: now)) }
                removed.append(digest)
            }
            return removed
        }
        try await self.deleteFiles(removed, since: began)
        return removed.count
    }

    /// Ends what a server that died has begun.
    private func removeAbandoned() async throws(MartletError) -> Int {
        guard let removals = self.claims.removals else { return 0 }
        var count = 0
        while !Task.isCancelled {
            let began = ContinuousClock.now
            let digests = try await removals.takeOver(limit: Self.blobsPerTurn)
            guard !digests.isEmpty else { break }
            try await self.deleteFiles(digests, since: began)
            count += digests.count
        }
        return count
    }

    /// - Parameter began: No later than others could see the removal.
    private func deleteFiles(_ digests: [BlobDigest], since began: ContinuousClock.Instant) async throws(MartletError) {
        for digest in digests {
            // Whoever was suspended for so long may find that another server has ended the removal, and that somebody
            // has stored the bytes again.
            guard self.claims.removals == nil || began.duration(to: .now) < .seconds(BlobRemovals.minutesMax * 60)
            else { throw .removalTookTooLong }
            try await self.blobs.delete(digest)
        }
        try await self.claims.removals?.finish(digests)
    }

    /// An upload of the same bytes may be about to write the row: what it writes holds, whichever comes first.
    private func condemn(_ files: [StoredBlob]) async throws(MartletError) -> Int {
        let now = self.surroundings.now()
        let isShared = self.claims.removals != nil
        return try await self.database.write { db throws(MartletError) in
            var count = 0
            for file in files {
                let isStored = isShared ? try Self.isStored(file.digest, at: now, on: db) : true
                if isStored { count += try db.execute(BlobQueries.insertCondemned(file, at: now)) }
            }
            return count
        }
    }

    /// Whether a file that was listed lately is still there, as far as other servers' collectors are concerned.
    private static func isStored(
        _ digest: BlobDigest,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> Bool {
        guard let row = try db.queryOne(BlobRemovalQueries.find(digest)) else { return true }
        return row.optionalInteger(1).map { $0 < now.milliseconds - 3_600_000 } ?? false
    }
}

extension MartletError {
    fileprivate static var removalTookTooLong: MartletError {
        MartletError(.unavailable, "removing files took so long that another server may have ended it")
    }
}

/// A blob that waits for the collector, in the order in which it comes to them.
struct CondemnedBlob: Sendable {
    let at: Timestamp
    let digest: BlobDigest
}
