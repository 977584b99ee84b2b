import MartletSQL

/// Whose rows need bytes.
///
/// A table that names blobs joins the condition below, declares its column as `REFERENCES blob`, and has an index on
/// it. Whoever deletes rows of it condemns what they named (``BlobQueries/condemn(_:at:)``). Should somebody forget the
/// first of these, the second makes the collector fail instead of deleting.
enum BlobHolders {
    /// Whether a row of `blob` is needed.
    static let isHeld: SQL = "EXISTS (SELECT 1 FROM artifact WHERE artifact.sha256 = blob.sha256)"
}
