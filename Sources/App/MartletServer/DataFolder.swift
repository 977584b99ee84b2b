import Glibc
package import MartletCore
import MartletFiles

/// The folder that holds everything an embedded server keeps, locked for one process while this object lives.
package final class DataFolder: Sendable {
    package let path: String
    /// The folder itself, which can be locked without making anything in it.
    private let folder: Int32
    /// Locked as well, and says by whom; `nil` in a copy of a folder that no server has used yet.
    private let lock: Int32?

    package var databasePath: String { Self.databasePath(in: self.path) }
    package var blobsPath: String { Self.blobsPath(in: self.path) }
    package var journalPath: String { Self.journalPath(in: self.path) }
    package var ledgerKeyPath: String { "\(self.path)/ledger-key" }

    /// Whether a server has ever kept its data in the folder.
    package static func isPresent(at path: String) -> Bool {
        access(self.databasePath(in: path), F_OK) == 0
    }

    /// - Throws: `notFound` when no server ever has.
    static func requirePresent(at path: String) throws(MartletError) {
        guard self.isPresent(at: path) else {
            throw MartletError(.notFound, "there is no Martlet data in '\(path)'")
        }
    }

    static func databasePath(in path: String) -> String { "\(path)/martlet.sqlite" }

    /// Where decisions are on their way to the database.
    static func journalPath(in path: String) -> String { "\(path)/decisions" }

    static func blobsPath(in path: String) -> String { "\(path)/blobs" }

    /// Opens a folder, creating it where needed, and locks it.
    ///
    /// - Throws: `conflict` when another process holds the lock; `unavailable` when the folder cannot be made.
    package init(path: String) throws(MartletError) {
        // Whatever this process makes from here on is its owner's alone.
        umask(0o077)
        try Self.makeFolder(path)
        self.path = path
        self.folder = try Self.lockFolder(path)
        let lock = try Self.openLock(in: path, O_RDWR | O_CREAT)
        if let lock { Self.sign(lock) }
        self.lock = lock
    }

    /// Locks a folder that a server has made, and changes nothing in it.
    ///
    /// - Throws: `conflict` when another process holds the lock.
    package init(existingAt path: String) throws(MartletError) {
        self.path = path
        self.folder = try Self.lockFolder(path)
        self.lock = try Self.openLock(in: path, O_RDONLY)
    }

    deinit {
        // Not only closed, which is enough at the end of a process: one that was just started from here may hold the
        // same descriptors for the moment before it becomes another program.
        for descriptor in [self.lock, self.folder].compactMap({ $0 }) {
            flock(descriptor, LOCK_UN)
            close(descriptor)
        }
    }

    /// Makes a folder and the ones above it, readable by its owner only, and makes their names durable.
    private static func makeFolder(_ path: String) throws(MartletError) {
        do throws(MartletError) {
            var prefix = path.hasPrefix("/") ? "/" : ""
            for part in path.split(separator: "/") {
                let parent = prefix.isEmpty ? "." : prefix
                prefix += part
                if try FileSystem.makeDirectory(prefix) { try FileSystem.synchronizeDirectory(parent) }
                prefix += "/"
            }
        } catch {
            throw MartletError(.unavailable, "cannot make the data folder '\(path)': \(error.systemReason)")
        }
    }

    private static func lockFolder(_ path: String) throws(MartletError) -> Int32 {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else {
            throw MartletError(.unavailable, "cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
        guard flock(folder, LOCK_EX | LOCK_NB) == 0 else {
            close(folder)
            let lock = open("\(path)/lock", O_RDONLY | O_CLOEXEC)
            defer { if lock >= 0 { close(lock) } }
            throw .folderInUse(by: lock >= 0 ? self.readHolder(lock) : nil)
        }
        return folder
    }

    /// Takes the lock; `nil` when there is none and `flags` do not make one.
    private static func openLock(in folder: String, _ flags: Int32) throws(MartletError) -> Int32? {
        let path = "\(folder)/lock"
        let file = open(path, flags | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == ENOENT, flags & O_CREAT == 0 { return nil }
            throw MartletError(.unavailable, "cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let holder = self.readHolder(file)
            close(file)
            throw .folderInUse(by: holder)
        }
        return file
    }

    /// Says who holds the lock: only a help for whoever meets it; the lock itself is what counts.
    private static func sign(_ lock: Int32) {
        let holder = "\(getpid())\n"
        if ftruncate(lock, 0) == 0 { _ = pwrite(lock, holder, holder.utf8.count, 0) }
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

extension MartletError {
    /// - Parameter holder: The process that served the folder last, which is not the one that inspects it.
    fileprivate static func folderInUse(by holder: String?) -> MartletError {
        MartletError(
            .conflict,
            "the data folder is in use by another martlet\(holder.map { " (process \($0))" } ?? ""); "
                + "stop it or choose another folder with --data"
        )
    }
}
