import Glibc
package import MartletCore

/// What is done to files by their names. Every call blocks its thread.
package enum FileSystem {
    /// Returns whether the folder did not exist before.
    package static func makeDirectory(_ path: String) throws(MartletError) -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw .posix(errno, "mkdir \(path)") }
        return false
    }

    /// Returns when the folder's entries are on the disk.
    package static func synchronizeDirectory(_ path: String) throws(MartletError) {
        let descriptor = retryingInterruptions { open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .posix(errno, "open \(path)") }
        defer { close(descriptor) }
        guard retryingInterruptions({ fsync(descriptor) }) == 0 else { throw .posix(errno, "fsync \(path)") }
    }

    /// Gives a file another name; whatever had it before is gone.
    package static func rename(_ path: String, to newPath: String) throws(MartletError) {
        guard Glibc.rename(path, newPath) == 0 else { throw .posix(errno, "rename to \(newPath)") }
    }

    /// Removes a file; one that does not exist is no error.
    package static func remove(_ path: String) throws(MartletError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .posix(errno, "unlink \(path)") }
    }

    /// Returns the size of a file, or `nil` when there is none of that name.
    package static func size(of path: String) throws(MartletError) -> Int64? {
        var status = Glibc.stat()
        if stat(path, &status) == 0 { return Int64(status.st_size) }
        guard errno == ENOENT else { throw .posix(errno, "stat \(path)") }
        return nil
    }

    /// Returns the names in a folder, in no particular order; none when there is no such folder.
    package static func names(in path: String) throws(MartletError) -> [String] {
        guard let directory = opendir(path) else {
            guard errno == ENOENT else { throw .posix(errno, "open \(path)") }
            return []
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = try self.next(in: directory, path) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
            )
        }
        return names
    }

    /// Returns `nil` at the end of a folder, which `readdir` tells from a failure only by leaving `errno` alone.
    private static func next(
        in directory: OpaquePointer,
        _ path: String
    ) throws(MartletError) -> UnsafeMutablePointer<dirent>? {
        errno = 0
        if let entry = readdir(directory) { return entry }
        guard errno == 0 else { throw .posix(errno, "readdir \(path)") }
        return nil
    }
}
