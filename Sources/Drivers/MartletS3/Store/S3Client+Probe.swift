import MartletBlobs
import MartletCore

extension S3Client {
    /// Finds out whether the store can be used: writes an object twice, lists it, reads it and deletes it.
    ///
    /// - Returns: Whether the store leaves an object that is there as it is when asked to.
    /// - Throws: What is wrong, naming the setting to change.
    func probe(_ layout: S3BlobLayout) async throws(MartletError) -> Bool {
        // A name of its own, so that servers that start at once do not meet.
        let key = "\(layout.prefix)probe/\(StagedPartID.random().rawValue)"
        try await self.put(key, text: "1", onlyIfAbsent: true)
        let honoursConditions = try await !self.put(key, text: "2", onlyIfAbsent: true)
        let isThere = try await self.list(key).entries.contains { $0.key == key }
        let text = try await self.text(of: key)
        try await self.delete(key)
        guard isThere, text == (honoursConditions ? "1" : "2") else {
            throw MartletError(
                .unavailable,
                "\(self.address.origin) does not show at once what was written to it; Martlet needs a store that does"
            )
        }
        return honoursConditions
    }
}
