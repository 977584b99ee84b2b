import Glibc

/// A file that is to be sent.
struct FoundFile: Sendable, Hashable {
    /// Within the version.
    var path: SafePath
    /// On this machine.
    var place: String
}

/// Finds the files of a folder, in the order of their paths' bytes. Blocks.
///
/// Leaves out `.git` and files that a pull has not completed. A link is followed when it leads to a file of the same
/// folder; any other is an error, since what it leads to may change or be secret.
struct FolderWalk {
    private let root: String
    private var files: [FoundFile] = []

    /// Lists a folder, or the one file that `path` names.
    static func files(at path: String) throws -> [FoundFile] {
        guard let root = Self.realPath(path) else { throw MartletClientError.system("cannot open", path) }
        guard try Self.status(root).isFolder else {
            let name = root.split(separator: "/").last.map(String.init) ?? root
            return [FoundFile(path: try SafePath(name), place: root)]
        }
        var walk = FolderWalk(root: root)
        try walk.visit(root, within: "")
        return walk.files.sorted { $0.path.description.utf8.lexicographicallyPrecedes($1.path.description.utf8) }
    }

    private init(root: String) {
        self.root = root
    }

    private mutating func visit(_ folder: String, within prefix: String) throws {
        for name in try Self.names(in: folder) {
            let place = "\(folder)/\(name)"
            let path = prefix + name
            let status = try Self.status(place)
            if status.isFolder {
                if name != ".git" { try self.visit(place, within: path + "/") }
            } else if status.isRegular {
                try self.add(path, place)
            } else if status.isLink {
                try self.addLink(path, place)
            } else {
                throw MartletClientError(.unsafePath, "'\(place)' is neither a file nor a folder")
            }
        }
    }

    private mutating func addLink(_ path: String, _ place: String) throws {
        let prefix = self.root == "/" ? "/" : self.root + "/"
        guard let target = Self.realPath(place), target.hasPrefix(prefix), try Self.status(target).isRegular else {
            throw MartletClientError(.unsafePath, "'\(place)' is a link that leads to no file of the same folder")
        }
        try self.add(path, target)
    }

    private mutating func add(_ path: String, _ place: String) throws {
        guard !path.hasSuffix(SafePath.partialSuffix) else { return }
        self.files.append(FoundFile(path: try SafePath(path), place: place))
    }

    private static func status(_ path: String) throws -> stat {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw MartletClientError.system("cannot look at", path) }
        return status
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder) else { throw MartletClientError.system("cannot list", folder) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
