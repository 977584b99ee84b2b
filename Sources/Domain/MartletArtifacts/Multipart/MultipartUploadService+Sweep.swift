import MartletBlobs
package import MartletCore
import MartletSQL

extension MultipartUploadService {
    /// Bounds how much one commit deletes: each may have ten thousand parts.
    private static let uploadsPerTurn = 8

    /// Removes what was being received when a server stopped. To be called before the first request: whatever is
    /// received from then on is there before a row says so.
    package func removeLeftovers() async throws(MartletError) {
        let known = try await self.database.read(.inspection) { db throws(MartletError) in
            Set(try db.query(MultipartUploadQueries.allStagedIDs).map { $0.text(0) })
        }
        let abandoned = try await self.blobs.listAbandoned()
        try await self.blobs.removeStaged(abandoned.filter { !known.contains($0.rawValue) })
        try await self.blobs.removeUnfinished()
    }

    /// Removes what any server of those that share a store has left behind, at any time. A store of one server is swept
    /// when that starts.
    package func removeOldLeftovers() async throws(MartletError) {
        if self.blobs.isShared { try await self.removeLeftovers() }
    }

    /// Forgets uploads that nobody has completed for days, with their parts, and those that were completed days ago.
    ///
    /// May be called at any time. Ends early when its task is cancelled.
    package func forgetOld() async throws(MartletError) {
        let oldest = Timestamp(milliseconds: self.surroundings.now().milliseconds - Self.daysMax * 86_400_000)
        var position = ""
        while !Task.isCancelled {
            let old = try await self.old(before: oldest, after: position)
            guard let last = old.last else { return }
            position = last.rawValue
            // Whoever is at work on one of them keeps it for another hour.
            try await self.turns.owningFree(of: old) { free throws(MartletError) in try await self.forget(free) }
        }
    }

    private func old(
        before oldest: Timestamp,
        after position: String
    ) async throws(MartletError) -> [MultipartUploadID] {
        try await self.database.read { db throws(MartletError) in
            let page = MultipartUploadQueries.old(before: oldest, after: position, limit: Self.uploadsPerTurn)
            return try db.query(page).map { MultipartUploadID(stored: $0.text(0)) }
        }
    }

    private func forget(_ uploads: [MultipartUploadID]) async throws(MartletError) {
        let parts = try await self.database.write { db throws(MartletError) in
            var parts: [StagedPartID] = []
            for id in uploads {
                parts += try db.query(MultipartUploadQueries.stagedIDs(of: id)).compactMap { StagedPartID($0.text(0)) }
                try Self.delete(id, on: db)
            }
            return parts
        }
        await self.remove(parts)
    }
}
