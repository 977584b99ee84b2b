import Glibc
package import MartletCore

/// An open file, closed when nobody holds it any more.
///
/// Blobs and journals reach the disk through this and ``FileSystem`` alone. Every call blocks its thread.
package final class PosixFile: Sendable {
    /// `O_DIRECT`, which glibc declares only for programs that ask for its extensions.
    #if arch(x86_64) || arch(i386)
    private static let bypassesCache: Int32 = 0o40000
    #else
    private static let bypassesCache: Int32 = 0o200000
    #endif

    private let descriptor: Int32

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        // What matters was synchronised before; there is nothing to do about an error here.
        close(self.descriptor)
    }

    /// Creates a file that must not exist.
    ///
    /// - Parameter bypassingCache: Whether writes go straight from our memory to the disk, which is
    ///   several times as fast as filling the page cache. They must then be of whole blocks.
    package static func create(_ path: String, bypassingCache: Bool) throws(MartletError) -> PosixFile {
        let flags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC
        let bypass = bypassingCache ? Self.bypassesCache : 0
        var descriptor = retryingInterruptions { Glibc.open(path, flags | bypass, 0o600) }
        if descriptor < 0, errno == EINVAL, bypassingCache {
            // Some file systems refuse the flag, and have created the file all the same.
            unlink(path)
            descriptor = retryingInterruptions { Glibc.open(path, flags, 0o600) }
        }
        guard descriptor >= 0 else { throw .posix(errno, "create \(path)") }
        return PosixFile(descriptor: descriptor)
    }

    /// Opens a file for reading; `nil` when it does not exist.
    package static func open(_ path: String) throws(MartletError) -> PosixFile? {
        let descriptor = retryingInterruptions { Glibc.open(path, O_RDONLY | O_CLOEXEC) }
        if descriptor < 0, errno == ENOENT { return nil }
        guard descriptor >= 0 else { throw .posix(errno, "open \(path)") }
        return PosixFile(descriptor: descriptor)
    }

    /// Opens a file for reading and writing, making an empty one where there is none.
    package static func openOrCreate(_ path: String) throws(MartletError) -> PosixFile {
        let descriptor = retryingInterruptions { Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600) }
        guard descriptor >= 0 else { throw .posix(errno, "open \(path)") }
        return PosixFile(descriptor: descriptor)
    }

    /// Writes all of `bytes`.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(MartletError) {
        var rest = bytes
        var position = offset
        while let address = rest.baseAddress, !rest.isEmpty {
            let count = retryingInterruptions { pwrite(self.descriptor, address, rest.count, off_t(position)) }
            if count < 0, errno == EINVAL, self.stopBypassingCache() { continue }
            guard count >= 0 else { throw .posix(errno, "write") }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            position += Int64(count)
        }
    }

    /// Reads into `memory` until it is full or the file ends, and returns the number of bytes.
    package func read(into memory: UnsafeMutableRawBufferPointer, at offset: Int64) throws(MartletError) -> Int {
        var total = 0
        while total < memory.count, let address = memory.baseAddress {
            let count = retryingInterruptions {
                pread(self.descriptor, address + total, memory.count - total, off_t(offset) + total)
            }
            guard count >= 0 else { throw .posix(errno, "read") }
            if count == 0 { break }
            total += count
        }
        return total
    }

    /// Cuts off whatever follows the first `size` bytes.
    package func truncate(to size: Int64) throws(MartletError) {
        let result = retryingInterruptions { ftruncate(self.descriptor, off_t(size)) }
        guard result == 0 else { throw .posix(errno, "truncate") }
    }

    /// Returns when the content, and as much about the file as reading it needs, is on the disk.
    package func synchronize() throws(MartletError) {
        guard retryingInterruptions({ fdatasync(self.descriptor) }) == 0 else { throw .posix(errno, "fdatasync") }
    }

    /// How many bytes the file has now.
    package func size() throws(MartletError) -> Int64 {
        var status = stat()
        guard fstat(self.descriptor, &status) == 0 else { throw .posix(errno, "fstat") }
        return Int64(status.st_size)
    }

    /// Returns whether the file was bypassing the cache and does so no more: a file system may accept
    /// the flag and then refuse our writes.
    private func stopBypassingCache() -> Bool {
        let flags = fcntl(self.descriptor, F_GETFL)
        guard flags >= 0, flags & Self.bypassesCache != 0 else { return false }
        return fcntl(self.descriptor, F_SETFL, flags & ~Self.bypassesCache) == 0
    }
}

/// Repeats a system call that a signal has interrupted.
func retryingInterruptions<Count: FixedWidthInteger & SignedInteger>(_ call: () -> Count) -> Count {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

extension MartletError {
    /// The one place that knows the operating system's error codes.
    static func posix(_ code: Int32, _ action: String) -> MartletError {
        let cause = PosixFailure(code: code, action: action)
        return switch code {
        case ENOSPC, EDQUOT: MartletError(.storageFull, "the disk is full; nothing was stored", cause: cause)
        case EMFILE, ENFILE: MartletError(.unavailable, "too many files are open", cause: cause)
        default: MartletError(.internal, "the disk failed", cause: cause)
        }
    }
}

extension MartletError {
    /// What the operating system said, where it was asked: for whoever runs the server, never for a client.
    package var systemReason: String { (self.cause as? PosixFailure)?.description ?? self.message }
}

/// What the operating system said, for the log.
private struct PosixFailure: Error, CustomStringConvertible {
    let code: Int32
    let action: String
    var description: String { "\(self.action): \(String(cString: strerror(self.code)))" }
}
