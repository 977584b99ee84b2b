import Crypto
package import MartletCore
import MartletJSON
package import MartletSQL

/// A list of files that can never change: what it is called follows from what is in it.
///
/// Its files are rows of the sealed space, below the digest of the list, and name the same bytes as the artifacts that
/// they were made of.
package struct SealedTree: Sendable {
    /// One file.
    package struct File: Sendable, Hashable {
        /// Relative to the tree's root.
        package let path: String
        package let size: Int64
        package let digest: BlobDigest

        package init(path: String, size: Int64, digest: BlobDigest) {
            self.path = path
            self.size = size
            self.digest = digest
        }
    }

    /// Of the list: the SHA-256 of its canonical JSON, an array of objects with `path`, `sha256` and `size`.
    package let digest: BlobDigest
    /// In the order of their paths' bytes.
    package let files: [File]

    /// - Parameter files: With distinct paths, in any order.
    package init(_ files: [File]) {
        self.files = files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        let list = CanonicalJSON.array(self.files.map(\.json))
        self.digest = BlobDigest(SHA256.hash(data: list.bytes))
    }

    /// The folder that holds the files of a tree, in the sealed space.
    package static func folder(of digest: BlobDigest) -> ArtifactPath {
        ArtifactPath(stored: digest.description)
    }

    /// Where a file of a tree lies, in the sealed space. No longer than it may be, as the folder comes on top.
    package static func path(of file: ArtifactPath, in digest: BlobDigest) -> ArtifactPath {
        ArtifactPath(stored: "\(self.folder(of: digest))/\(file)")
    }

    /// Finds the file at an address; `nil` when there is none, which does not mean that there is no folder.
    package static func file(at address: ArtifactAddress, on db: any Connection) throws(MartletError) -> File? {
        guard let row = try db.queryOne(ArtifactQueries.find(address.path, in: address.space)) else { return nil }
        let artifact = ArtifactQueries.decode(row)
        return File(path: String(artifact.path.name), size: artifact.size, digest: artifact.digest)
    }

    /// Lists all files below an address, with paths relative to it.
    package static func files(below address: ArtifactAddress, on db: any Connection) throws(MartletError) -> [File] {
        let prefixBytes = address.path.text.utf8.count + 1
        return try db.query(ArtifactQueries.tree(address.path, in: address.space)).map { row in
            let artifact = ArtifactQueries.decode(row)
            let rest = artifact.path.text.utf8.dropFirst(prefixBytes)
            return File(path: String(Substring(rest)), size: artifact.size, digest: artifact.digest)
        }
    }

    /// A tree of files whose bytes are stored already.
    ///
    /// - Throws: `invalidArgument` for a path that is given twice or is another one's folder; `notFound` for bytes
    ///   that are not stored.
    package static func storing(
        _ names: [(path: ArtifactPath, digest: BlobDigest)],
        on db: any Connection
    ) throws(MartletError) -> SealedTree {
        var files: [File] = []
        for name in names {
            guard let row = try db.queryOne(BlobQueries.find(name.digest)) else {
                throw MartletError(.notFound, "The bytes of '\(name.path)' are not stored: send \(name.digest) first.")
            }
            files.append(File(path: name.path.text, size: row.integer(1), digest: name.digest))
        }
        let tree = SealedTree(files)
        let paths = Set(tree.files.map { ExactText($0.path) })
        guard paths.count == files.count else { throw .invalid("Two files have the same path.") }
        for file in names {
            guard let folder = file.path.folders.first(where: { paths.contains(ExactText($0.text)) }) else { continue }
            throw .invalid("'\(file.path)' lies below '\(folder)', which is a file.")
        }
        return tree
    }

    /// Writes the tree, unless it is there already.
    ///
    /// - Throws: `conflict` when some bytes are gone: they had lost their last name, and were collected.
    package func seal(at now: Timestamp, on db: any Connection) throws(MartletError) {
        let folder = Self.folder(of: self.digest)
        guard try db.queryOne(ArtifactQueries.folderExists(folder, in: .sealed)) == nil else { return }
        do throws(MartletError) {
            try db.execute(ArtifactQueries.insert(self.files, below: folder, in: .sealed, at: now))
        } catch {
            // The only thing that a row refers to is its blob.
            guard error.code == .notFound else { throw error }
            throw MartletError(.conflict, "some of the files were removed in the meantime", cause: error)
        }
        try db.execute(BlobQueries.save(below: folder, in: .sealed))
    }

    /// Removes a tree. Its bytes are condemned where nobody else needs them.
    package static func remove(_ digest: BlobDigest, at now: Timestamp, on db: any Connection) throws(MartletError) {
        var digests: Set<BlobDigest> = []
        for statement in ArtifactQueries.delete(self.folder(of: digest), in: .sealed) {
            digests.formUnion(try db.query(statement).map { BlobDigest(bytes: $0.bytes(0)) })
        }
        for digest in digests { try db.execute(BlobQueries.condemn(digest, at: now)) }
    }
}

extension SealedTree.File {
    fileprivate var json: CanonicalJSON {
        .object([
            .init("path", .string(self.path)),
            .init("sha256", .string(self.digest.description)),
            .init("size", CanonicalJSON(self.size)),
        ])
    }
}
