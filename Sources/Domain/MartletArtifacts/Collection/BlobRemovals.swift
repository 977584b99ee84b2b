import MartletBlobs
import MartletCore
import MartletSQL

/// What servers that share a blob store tell each other about bytes that one of them is removing.
///
/// A removal is marked in the transaction that deletes the row of the bytes, and marked as over when they are gone. In
/// between nobody stores them. The mark stays for a while, and counts, so that who had looked before it can tell.
struct BlobRemovals: Sendable {
    /// How long after its beginning a removal may still delete something.
    static let minutesMax: Int64 = 10
    /// When a removal is taken for one whose server has died: late enough for its last request to have ended.
    private static let abandonedAfterMinutes: Int64 = 20
    /// How long an upload waits for a removal of the same bytes.
    private static let patience = Duration.seconds(10)
    private static let rememberedMilliseconds: Int64 = 30 * 86_400_000

    let database: any Database
    let surroundings: Surroundings

    enum State: Equatable {
        /// No removal is under way, and there were so many.
        case settled(count: Int64)
        case underWay
    }

    static func state(of digest: BlobDigest, on db: any Connection) throws(MartletError) -> State {
        guard let row = try db.queryOne(BlobRemovalQueries.find(digest)) else { return .settled(count: 0) }
        return row.isNull(1) ? .underWay : .settled(count: row.integer(0))
    }

    /// Waits until nobody is removing some bytes, and returns how often they were removed.
    func countWhenSettled(of digest: BlobDigest) async throws(MartletError) -> Int64 {
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let state = try await self.database.read { db throws(MartletError) in try Self.state(of: digest, on: db) }
            if case .settled(let count) = state { return count }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { throw .bytesAreBeingRemoved }
            // Who is cancelled is told on the next round.
            try? await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Takes over removals whose server has died, and forgets those that ended long ago.
    func takeOver(limit: Int) async throws(MartletError) -> [BlobDigest] {
        let now = self.surroundings.now()
        let latest = Timestamp(milliseconds: now.milliseconds - Self.abandonedAfterMinutes * 60_000)
        let oldest = Timestamp(milliseconds: now.milliseconds - Self.rememberedMilliseconds)
        return try await self.database.write { db throws(MartletError) in
            try db.execute(BlobRemovalQueries.forget(before: oldest))
            let digests = try db.query(BlobRemovalQueries.underWay(since: latest, limit: limit)).map {
                BlobDigest(bytes: $0.bytes(0))
            }
            for digest in digests { try db.execute(BlobRemovalQueries.begin(digest, at: now)) }
            return digests
        }
    }

    /// Marks removals as over.
    func finish(_ digests: [BlobDigest]) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            for digest in digests { try db.execute(BlobRemovalQueries.finish(digest, at: now)) }
        }
    }
}

extension MartletError {
    static var bytesAreBeingRemoved: MartletError {
        MartletError(.unavailable, "the same bytes are just being removed, as nobody had named them; try again")
    }
}
