import Crypto
import MartletCore
import NIOCore

/// A file that is being received: hashed as it grows.
struct IncomingFile {
    let file: LocalFile
    /// How many bytes it shall have.
    let size: Int64
    /// How many bytes have come.
    private(set) var offset: Int64 = 0
    private var hash = SHA256()
    /// Come, but neither hashed nor written yet.
    private var pending = ByteBuffer()

    init(file: LocalFile, size: Int64) {
        self.file = file
        self.size = size
    }

    var isComplete: Bool { self.offset == self.size && self.pending.readableBytes == 0 }

    /// The SHA-256 of what is written, in hexadecimal.
    var digest: String { Hexadecimal.string(Array(self.hash.finalize())) }

    /// Reads what an earlier attempt has left.
    mutating func resume() async throws {
        let present = try await self.file.size()
        guard present <= self.size else { return try await self.restart() }
        self.hash = try await self.file.hash(upTo: present)
        self.offset = present
    }

    /// Forgets everything that has come.
    mutating func restart() async throws {
        try await blocking { [file = self.file] in try file.truncate(to: 0) }
        self.hash = SHA256()
        self.offset = 0
        self.pending.clear()
    }

    /// Takes bytes that follow those that have come.
    mutating func append(_ piece: ByteBuffer) async throws {
        guard self.offset + Int64(piece.readableBytes) <= self.size else {
            throw MartletClientError(.integrity, "the server sent more than '\(self.file.path)' has")
        }
        self.pending.writeImmutableBuffer(piece)
        self.offset += Int64(piece.readableBytes)
        if self.pending.readableBytes >= LocalFile.pieceBytes { try await self.flush() }
    }

    /// Hashes and writes what is pending.
    mutating func flush() async throws {
        guard self.pending.readableBytes > 0 else { return }
        let start = self.offset - Int64(self.pending.readableBytes)
        self.hash = try await blocking { [file = self.file, hash = self.hash, pending = self.pending] in
            var hash = hash
            hash.update(pending)
            try file.write(pending, at: start)
            return hash
        }
        self.pending.clear()
    }
}
