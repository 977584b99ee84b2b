import Glibc

/// An open folder below which files are found and made without ever following a symbolic link. All methods block.
///
/// Each folder on the way is opened from the one above it, so that nobody can swap a link in between a check and a use.
final class LocalFolder: Sendable {
    private let descriptor: Int32
    /// For error messages.
    let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        Glibc.close(self.descriptor)
    }

    /// Opens a folder that the user chose, making it and those above it where needed. It may itself be a link.
    static func open(making path: String) throws -> LocalFolder {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for name in path.split(separator: "/") {
            prefix += name
            guard mkdir(prefix, 0o777) == 0 || errno == EEXIST else {
                throw MartletClientError.system("cannot make the folder", prefix)
            }
            prefix += "/"
        }
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MartletClientError.system("cannot open the folder", path) }
        return LocalFolder(descriptor: descriptor, path: path)
    }

    /// Opens the folder that a file is in, making it where asked to; `nil` when it is not there.
    func parent(of file: SafePath, making: Bool) throws -> LocalFolder? {
        var folder = self
        for name in file.names.dropLast() {
            guard let next = try folder.folder(name, making: making) else { return nil }
            folder = next
        }
        return folder
    }

    private func folder(_ name: String, making: Bool) throws -> LocalFolder? {
        let path = "\(self.path)/\(name)"
        var isMade = false
        if making {
            isMade = mkdirat(self.descriptor, name, 0o777) == 0
            guard isMade || errno == EEXIST else { throw MartletClientError.system("cannot make the folder", path) }
        }
        let next = openat(self.descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if next < 0, errno == ENOENT { return nil }
        guard next >= 0 else {
            throw MartletClientError(.unsafePath, "'\(path)' is not a folder, or a link to one elsewhere")
        }
        if isMade { try self.synchronize() }
        return LocalFolder(descriptor: next, path: path)
    }

    /// What the system says of a file in this folder, or of a link itself; `nil` when there is none.
    func status(_ name: String) throws -> stat? {
        var status = stat()
        if fstatat(self.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
        guard errno == ENOENT else { throw MartletClientError.system("cannot look at", "\(self.path)/\(name)") }
        return nil
    }

    /// Opens a file of this folder for reading.
    func file(_ name: String) throws -> LocalFile {
        try self.open(name, O_RDONLY | O_NONBLOCK)
    }

    /// Opens a file of this folder for reading and writing, making it where needed, for this process alone.
    func exclusiveFile(_ name: String) throws -> LocalFile {
        let file = try self.open(name, O_RDWR | O_CREAT)
        guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw MartletClientError(.conflict, "another process is writing '\(file.path)'")
        }
        // Whoever held the lock before may have given the file its final name.
        guard try self.status(name)?.st_ino == file.status().st_ino else { return try self.exclusiveFile(name) }
        return file
    }

    private func open(_ name: String, _ flags: Int32) throws -> LocalFile {
        let path = "\(self.path)/\(name)"
        let descriptor = openat(self.descriptor, name, flags | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw MartletClientError.system("cannot open", path) }
        return LocalFile(descriptor: descriptor, path: path)
    }

    /// Gives a file its final name, replacing what has it, and returns when that is on the disk.
    func rename(_ old: String, to new: String) throws {
        guard renameat(self.descriptor, old, self.descriptor, new) == 0 else {
            throw MartletClientError.system("cannot write", "\(self.path)/\(new)")
        }
        try self.synchronize()
    }

    /// Removes a file, if there is one.
    func remove(_ name: String) throws {
        guard unlinkat(self.descriptor, name, 0) == 0 || errno == ENOENT else {
            throw MartletClientError.system("cannot remove", "\(self.path)/\(name)")
        }
    }

    private func synchronize() throws {
        guard fsync(self.descriptor) == 0 else { throw MartletClientError.system("cannot write", self.path) }
    }
}
