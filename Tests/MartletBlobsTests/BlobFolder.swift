import Crypto
import FoundationEssentials
import MartletBlobs
import MartletCore
import MartletTestSupport
import NIOCore

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
        let upload = try await self.store.beginUpload()
        try await upload.append(content, inPiecesOf: pieceBytes)
        return try await upload.commit()
    }

    func stage(_ content: [UInt8]) async throws -> StagedPart {
        let upload = try await self.store.beginUpload()
        try await upload.append(content, inPiecesOf: 65_536)
        return try await upload.stage()
    }

    func read(_ blob: StoredBlob, _ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var content: [UInt8] = []
        for try await buffer in try await self.store.read(blob.digest, range ?? 0..<blob.size) {
            content += buffer.readableBytesView
        }
        return content
    }

    /// Everything that the store lists.
    func allStored() async throws -> [StoredBlob] {
        var blobs: [StoredBlob] = []
        while case let page = try await self.store.list(after: blobs.last?.digest), !page.isEmpty {
            blobs += page
        }
        return blobs
    }
}

extension BlobUpload {
    func append(_ content: [UInt8], inPiecesOf pieceBytes: Int) async throws {
        var rest = content[...]
        while !rest.isEmpty {
            try await self.append(ByteBuffer(bytes: rest.prefix(pieceBytes)))
            rest = rest.dropFirst(pieceBytes)
        }
    }
}

/// Bytes that are the same every time, and that differ wherever pieces of them were swapped: they repeat after a
/// prime number of bytes.
func content(_ size: Int, seed: UInt64 = 1) -> [UInt8] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    let period = (0..<4_099).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 56)
    }
    var content: [UInt8] = []
    content.reserveCapacity(size + period.count)
    while content.count < size { content += period }
    return Array(content.prefix(size))
}

func digest(of content: [UInt8]) -> BlobDigest {
    BlobDigest(bytes: Array(SHA256.hash(data: content)))
}
