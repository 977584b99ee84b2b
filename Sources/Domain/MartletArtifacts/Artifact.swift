package import MartletCore

/// Whose paths these are: protocols that share the bytes do not share the names.
package enum ArtifactSpace: String, Sendable {
    case mlflow
    /// The files of sealed versions, below the digest of their list. Nothing in it ever changes.
    case sealed
}

/// A file under a name.
package struct Artifact: Sendable {
    package let path: ArtifactPath
    /// Of its bytes.
    package let digest: BlobDigest
    /// In bytes.
    package let size: Int64
    /// When the bytes were last put under this name.
    package let updatedAt: Timestamp
}

/// What lies directly in a folder.
package struct ArtifactEntry: Sendable, Equatable {
    /// The last part of its path.
    package let name: String
    /// `nil` for a folder.
    package let size: Int64?

    /// Whether it has a content of its own instead of bytes.
    package var isFolder: Bool { self.size == nil }
}
