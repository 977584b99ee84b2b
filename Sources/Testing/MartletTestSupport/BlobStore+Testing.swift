package import MartletBlobs
import MartletCore
import NIOCore

/// What tests do with whole files.
extension BlobStore {
    /// Uploads a file and makes it visible.
    package func store(_ content: [UInt8], inPiecesOf pieceBytes: Int = 65_536) async throws -> StoredBlob {
        let upload = try await self.beginUpload()
        try await upload.append(content, inPiecesOf: pieceBytes)
        return try await upload.commit()
    }

    /// Uploads a part.
    package func stage(_ content: [UInt8]) async throws -> StagedPart {
        let upload = try await self.beginUpload()
        try await upload.append(content, inPiecesOf: 65_536)
        return try await upload.stage()
    }

    /// Reads a file, or a part of it.
    package func content(of blob: StoredBlob, _ range: Range<Int64>? = nil) async throws -> [UInt8] {
        var content: [UInt8] = []
        for try await buffer in try await self.read(blob.digest, range ?? 0..<blob.size) {
            content += buffer.readableBytesView
        }
        return content
    }

    /// Everything that the store lists.
    package func allStored() async throws -> [StoredBlob] {
        var blobs: [StoredBlob] = []
        while case let page = try await self.list(after: blobs.last?.digest), !page.isEmpty { blobs += page }
        return blobs
    }
}

extension BlobUpload {
    /// Sends a file's bytes in pieces of one size.
    package func append(_ content: [UInt8], inPiecesOf pieceBytes: Int) async throws {
        var rest = content[...]
        while !rest.isEmpty {
            try await self.append(ByteBuffer(bytes: rest.prefix(pieceBytes)))
            rest = rest.dropFirst(pieceBytes)
        }
    }
}
