package import MartletBlobs
import MartletCore

/// One thing in which the rows and the files of artifacts differ.
package enum ArtifactFinding: Sendable, Hashable {
    /// A row promises bytes that are not there.
    case missing(StoredBlob)
    case wrongSize(StoredBlob, found: Int64)
    /// The bytes are no longer what they were when they were stored.
    case damaged(StoredBlob)
    /// An upload that is under way can no longer be completed.
    case missingPart(StagedPartID)
    /// Nothing names these bytes, because the server stopped before it could.
    case unnamed(StoredBlob)
    /// What was being received when the server stopped.
    case leftover(StagedPartID)

    /// Whether nothing that was acknowledged is affected.
    package var isHarmless: Bool {
        switch self {
        case .missing, .wrongSize, .damaged, .missingPart: false
        case .unnamed, .leftover: true
        }
    }
}
