import Glibc
package import MartletCore

/// The folder that holds everything an embedded server keeps, locked for one process while this object lives.
package final class DataFolder: Sendable {
    package let path: String
    private let lock: Int32

    package var databasePath: String { Self.databasePath(in: self.path) }
    package var blobsPath: String { "\(self.path)/blobs" }

    /// Whether a server has ever kept its data in the folder.
    package static func isPresent(at path: String) -> Bool {
        access(self.databasePath(in: path), F_OK) == 0
    }

    private static func databasePath(in path: String) -> String { "\(path)/martlet.sqlite" }

    /// Opens a folder, creating it where needed, and locks it.
    ///
    /// - Throws: `conflict` when another process holds the lock; `unavailable` when the folder cannot be made.
    package init(path: String) throws(MartletError) {
        // Whatever this process makes from here on is its owner's alone.
        umask(0o077)
        try Self.makeFolder(path)
        self.path = path
        self.lock = try Self.lock("\(path)/lock")
    }

    deinit {
        // Closing releases the lock, as the end of the process would.
        close(self.lock)
    }

    /// Makes a folder and the ones above it, readable by its owner only, and makes their names durable.
    private static func makeFolder(_ path: String) throws(MartletError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            let parent = prefix.isEmpty ? "." : prefix
            prefix += part
            let isMade = mkdir(prefix, 0o700) == 0
            guard isMade ? self.synchronize(parent) : errno == EEXIST else {
                throw MartletError(
                    .unavailable,
                    "cannot make the data folder '\(path)': \(String(cString: strerror(errno)))"
                )
            }
            prefix += "/"
        }
    }

    /// Returns whether the names in a folder are on the disk; `errno` says why not.
    private static func synchronize(_ folder: String) -> Bool {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    private static func lock(_ path: String) throws(MartletError) -> Int32 {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw MartletError(.unavailable, "cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let holder = self.readHolder(file)
            close(file)
            throw MartletError(
                .conflict,
                "the data folder is in use by another martlet\(holder.map { " (process \($0))" } ?? ""); "
                    + "stop it or choose another folder with --data"
            )
        }
        let holder = "\(getpid())\n"
        // Only a help for whoever meets the lock; the lock itself is what counts.
        if ftruncate(file, 0) == 0 { _ = pwrite(file, holder, holder.utf8.count, 0) }
        return file
    }

    private static func readHolder(_ file: Int32) -> String? {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 1) { buffer in
            let count = pread(file, buffer.baseAddress, buffer.count, 0)
            guard count > 0 else { return nil }
            let text = String(decoding: UnsafeRawBufferPointer(rebasing: buffer.prefix(count)), as: UTF8.self)
            return text.split(separator: "\n").first.map(String.init)
        }
    }
}
