import Crypto
import Glibc
import MartletCore
import NIOCore

/// An open file, closed when nobody holds it any more.
final class LocalFile: Sendable {
    /// How much is read, hashed and written at once.
    static let pieceBytes = 1_024 * 1_024

    let descriptor: Int32
    /// For error messages.
    let path: String

    init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        // What was written is synchronised before; there is nothing to do about an error here.
        Glibc.close(self.descriptor)
    }

    /// Opens a regular file for reading.
    static func open(_ path: String) async throws -> LocalFile {
        try await blocking {
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
            guard descriptor >= 0 else { throw MartletClientError.system("cannot open", path) }
            let file = LocalFile(descriptor: descriptor, path: path)
            guard try file.status().isRegular else {
                throw MartletClientError(.fileSystem, "'\(path)' is not a file")
            }
            return file
        }
    }

    /// How many bytes there are.
    func size() async throws -> Int64 {
        try await blocking { Int64(try self.status().st_size) }
    }

    /// What the system says of the file. Blocks.
    func status() throws -> stat {
        var status = stat()
        guard fstat(self.descriptor, &status) == 0 else { throw MartletClientError.system("cannot look at", self.path) }
        return status
    }

    /// Reads what is at `offset`, at most ``pieceBytes``; empty at the end. Blocks.
    func read(at offset: Int64) throws -> ByteBuffer {
        var buffer = ByteBuffer()
        try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceBytes) { memory in
            let count = retryingInterruptions {
                pread(self.descriptor, memory.baseAddress, Self.pieceBytes, off_t(offset))
            }
            guard count >= 0 else { throw MartletClientError.system("cannot read", self.path) }
            return count
        }
        return buffer
    }

    /// Writes all of `bytes`. Blocks.
    func write(_ bytes: ByteBuffer, at offset: Int64) throws {
        try bytes.withUnsafeReadableBytes { memory in
            var written = 0
            while let address = memory.baseAddress, written < memory.count {
                let count = retryingInterruptions {
                    pwrite(self.descriptor, address + written, memory.count - written, off_t(offset) + off_t(written))
                }
                guard count >= 0 else { throw MartletClientError.system("cannot write", self.path) }
                written += count
            }
        }
    }

    /// Returns when everything is on the disk. Blocks.
    func synchronize() throws {
        guard fsync(self.descriptor) == 0 else { throw MartletClientError.system("cannot write", self.path) }
    }

    /// Cuts off whatever follows the first `size` bytes. Blocks.
    func truncate(to size: Int64) throws {
        guard ftruncate(self.descriptor, off_t(size)) == 0 else {
            throw MartletClientError.system("cannot write", self.path)
        }
    }
}

extension LocalFile {
    /// Reads and hashes all bytes up to `size`.
    ///
    /// - Parameter onBytes: Told how many more were read.
    func hash(upTo size: Int64, onBytes: @Sendable (Int) -> Void = { _ in }) async throws -> SHA256 {
        var hash = SHA256()
        var offset: Int64 = 0
        while offset < size {
            try Task.checkCancellation()
            let (next, count) = try await blocking { [hash, offset] in
                var hash = hash
                let piece = try self.read(at: offset).prefix(size - offset)
                hash.update(piece)
                return (hash, piece.readableBytes)
            }
            guard count > 0 else { break }
            hash = next
            offset += Int64(count)
            onBytes(count)
        }
        return hash
    }

    /// The SHA-256 of all bytes, in hexadecimal.
    func digest(onBytes: @Sendable (Int) -> Void = { _ in }) async throws -> String {
        Hexadecimal.string(Array(try await self.hash(upTo: .max, onBytes: onBytes).finalize()))
    }
}

extension ByteBuffer {
    fileprivate func prefix(_ count: Int64) -> ByteBuffer {
        self.getSlice(at: self.readerIndex, length: Int(min(count, Int64(self.readableBytes)))) ?? self
    }
}

extension SHA256 {
    /// Goes on with the bytes of a buffer.
    mutating func update(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { self.update(bufferPointer: $0) }
    }
}

extension stat {
    /// Whether this is a file proper: no folder, link or device.
    var isRegular: Bool { self.st_mode & S_IFMT == S_IFREG }
    /// Whether this is a folder.
    var isFolder: Bool { self.st_mode & S_IFMT == S_IFDIR }
    /// Whether this is a symbolic link.
    var isLink: Bool { self.st_mode & S_IFMT == S_IFLNK }
}

/// Repeats a system call that a signal has interrupted.
func retryingInterruptions<Count: FixedWidthInteger & SignedInteger>(_ call: () -> Count) -> Count {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

extension MartletClientError {
    /// Says why the system call that was just made failed.
    static func system(_ action: String, _ path: String) -> MartletClientError {
        MartletClientError(.fileSystem, "\(action) '\(path)': \(String(cString: strerror(errno)))")
    }
}
