import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletTestSupport

/// A local store in a temporary folder, and what a test looks at behind its back.
struct BlobFolder {
    let path: String
    let store: LocalBlobStore

    /// Lends an empty store.
    ///
    /// - Parameter parent: On the file system to be tested; without one any will do.
    static func with(
        parent: String? = nil,
        _ body: (BlobFolder) async throws -> Void
    ) async throws {
        try await withTemporaryFolder(in: parent) { path in
            let store = try LocalBlobStore(root: path)
            try await body(BlobFolder(path: path, store: store))
            try await store.close()
        }
    }

    /// The names of what is being received.
    func stagedNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(self.path)/staging")
    }

    func storedPath(of digest: BlobDigest) -> String {
        "\(self.path)/plain/\(digest.description.prefix(2))/\(digest)"
    }

    func store(_ content: [UInt8], inPiecesOf pieceBytes: Int = 65_536) async throws -> StoredBlob {
        try await self.store.store(content, inPiecesOf: pieceBytes)
    }

    func stage(_ content: [UInt8]) async throws -> StagedPart { try await self.store.stage(content) }

    func read(_ blob: StoredBlob, _ range: Range<Int64>? = nil) async throws -> [UInt8] {
        try await self.store.content(of: blob, range)
    }

    func allStored() async throws -> [StoredBlob] { try await self.store.allStored() }
}
