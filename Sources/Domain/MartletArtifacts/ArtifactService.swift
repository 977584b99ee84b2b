package import MartletBlobs
package import MartletCore
package import MartletSQL
import NIOCore

/// The rules of artifacts: names for bytes that are stored once.
///
/// Bytes are durable before the row that names them, so a crash leaves at most bytes without a name.
package struct ArtifactService: Sendable {
    private let database: any Database
    private let blobs: any BlobStore
    private let claims: BlobClaims
    private let surroundings: Surroundings

    package init(database: any Database, blobs: any BlobStore, claims: BlobClaims, surroundings: Surroundings) {
        self.database = database
        self.blobs = blobs
        self.claims = claims
        self.surroundings = surroundings
    }

    /// Stores a file under a name; what had the name before loses it.
    ///
    /// - Throws: `invalidArgument` when the name is that of a folder, or a folder of its path is a file.
    package func put<Bytes>(
        _ file: IncomingFile<Bytes>,
        at path: ArtifactPath,
        in space: ArtifactSpace
    ) async throws(MartletError) {
        // Before the bytes are received, which may take long, and again when they are named.
        try await self.database.read { db throws(MartletError) in
            _ = try Self.requireFree(path, in: space, on: db)
        }
        try await file.receive(into: self.blobs) { upload throws(MartletError) in
            try await upload.publish(under: self.claims) { (blob, claim) async throws(MartletError) in
                let now = self.surroundings.now()
                try await self.database.write(path.namingScope) { db throws(MartletError) in
                    try claim.check(on: db)
                    try Self.name(blob, path, in: space, at: now, on: db)
                }
            }
        }
    }

    /// Returns what is known of a file.
    ///
    /// - Throws: `notFound`, or `invalidArgument` for a folder.
    package func artifact(at path: ArtifactPath, in space: ArtifactSpace) async throws(MartletError) -> Artifact {
        try await self.database.read { db throws(MartletError) in
            if let row = try db.queryOne(ArtifactQueries.find(path, in: space)) { return ArtifactQueries.decode(row) }
            guard try db.queryOne(ArtifactQueries.folderExists(path, in: space)) == nil else {
                throw .invalid("Artifact path refers to a directory, not a file: '\(path)'")
            }
            throw MartletError(.notFound, "No such artifact: '\(path)'")
        }
    }

    /// Opens a file, or a part of it, for reading.
    package func read(
        _ artifact: Artifact,
        _ range: Range<Int64>
    ) async throws(MartletError) -> BlobBytes {
        try await self.blobs.read(artifact.digest, range)
    }

    /// Returns a URL from which anybody may read a file for some minutes without this server; `nil` when files are to
    /// be read through it.
    package func temporaryURL(of artifact: Artifact) async throws(MartletError) -> String? {
        try await self.blobs.temporaryURL(of: StoredBlob(digest: artifact.digest, size: artifact.size))
    }

    /// Opens a part of a file by the digest of the whole.
    package func stream(of digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> BlobBytes {
        try await self.blobs.read(digest, range)
    }

    /// Reads a part of a file into memory; for parts that are known to be small.
    package func bytes(of digest: BlobDigest, _ range: Range<Int64>) async throws(MartletError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(range.count)
        for try await buffer in try await self.blobs.read(digest, range) {
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return bytes
    }

    /// Returns the first file whose bytes are not stored, or not all of them; `nil` when all are there.
    package func firstMissing(of files: [SealedTree.File]) async throws(MartletError) -> SealedTree.File? {
        for file in files where try await self.blobs.size(of: file.digest) != file.size { return file }
        return nil
    }

    /// Lists what lies directly in a folder, in the order of the names' bytes; nothing if there is no such folder.
    ///
    /// - Parameter folder: `nil` for the whole space.
    package func list(
        _ folder: ArtifactPath?,
        in space: ArtifactSpace
    ) async throws(MartletError) -> [ArtifactEntry] {
        let prefixBytes = folder.map { $0.text.utf8.count + 1 } ?? 0
        let entries = try await self.database.read(.search) { db throws(MartletError) in
            try db.query(ArtifactQueries.children(of: folder, in: space)).map { row in
                let rest = row.text(0).utf8.dropFirst(prefixBytes)
                let name = rest.prefix { $0 != UInt8(ascii: "/") }
                let isFolder = name.endIndex != rest.endIndex
                return ArtifactEntry(name: String(Substring(name)), size: isFolder ? nil : row.integer(1))
            }
        }
        return entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// Lists all files below a folder, in the order of their paths' bytes.
    package func tree(
        under folder: ArtifactPath,
        in space: ArtifactSpace
    ) async throws(MartletError) -> [Artifact] {
        try await self.database.read(.search) { db throws(MartletError) in
            try db.query(ArtifactQueries.tree(folder, in: space)).map(ArtifactQueries.decode)
        }
    }

    /// Deletes a file, or a folder with everything below it; nothing if there is neither.
    package func delete(_ path: ArtifactPath, in space: ArtifactSpace) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            var digests: Set<BlobDigest> = []
            for statement in ArtifactQueries.delete(path, in: space) {
                digests.formUnion(try db.query(statement).map { BlobDigest(bytes: $0.bytes(0)) })
            }
            for digest in digests { try db.execute(BlobQueries.condemn(digest, at: now)) }
        }
    }
}

/// Bytes without names, which somebody is about to give them.
extension ArtifactService {
    /// How long bytes that nobody names can be counted on: half of what the collector grants.
    private static let countedOnMilliseconds = BlobCollector.graceHours * 3_600_000 / 2

    /// Returns how many bytes a stored file has; `nil` when it is not stored, or may soon be collected.
    package func size(of digest: BlobDigest) async throws(MartletError) -> Int64? {
        let oldest = Timestamp(milliseconds: self.surroundings.now().milliseconds - Self.countedOnMilliseconds)
        return try await self.database.read { db throws(MartletError) in
            try db.queryOne(BlobQueries.find(digest, condemnedAfter: oldest))?.integer(1)
        }
    }

    /// Stores a file without a name. Unless somebody names it within a day, it is collected.
    ///
    /// - Throws: `invalidArgument` when its bytes are not those of `digest`; nothing is stored then.
    package func store<Bytes>(
        _ file: IncomingFile<Bytes>,
        expecting digest: BlobDigest
    ) async throws(MartletError) {
        try await file.receive(into: self.blobs) { upload throws(MartletError) in
            let found = try await upload.seal().digest
            guard found == digest else { throw .invalid("The bytes have the SHA-256 \(found), not \(digest).") }
            try await upload.publish(under: self.claims) { (blob, claim) async throws(MartletError) in
                let now = self.surroundings.now()
                // One statement, whose conflict is with the row itself; removals begin in writes of everything.
                try await self.database.write(.only(WriteKey("blob", digest.description))) { db throws(MartletError) in
                    try claim.check(on: db)
                    try db.execute(BlobQueries.insertUnnamed(blob, at: now))
                }
            }
        }
    }
}

extension ArtifactService {
    /// Throws when `path` cannot be the name of a file. Returns what it names now, if anything.
    @discardableResult
    static func requireFree(
        _ path: ArtifactPath,
        in space: ArtifactSpace,
        on db: any Connection
    ) throws(MartletError) -> BlobDigest? {
        var present: BlobDigest?
        for row in try db.query(ArtifactQueries.inTheWay(of: path, in: space)) {
            let other = row.text(0)
            // By length: Swift would call texts equal that differ in their bytes.
            switch other.utf8.count - path.text.utf8.count {
            case 0: present = BlobDigest(bytes: row.bytes(1))
            case ..<0: throw .invalid("Artifact path '\(path)' lies below '\(other)', which is a file")
            default: throw .invalid("Artifact path refers to a directory, not a file: '\(path)'")
            }
        }
        return present
    }

    /// Gives stored bytes a name, inside a transaction and while the digest is claimed.
    static func name(
        _ blob: StoredBlob,
        _ path: ArtifactPath,
        in space: ArtifactSpace,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let previous = try self.requireFree(path, in: space, on: db)
        try db.execute(BlobQueries.upsert(blob, at: now))
        try db.execute(ArtifactQueries.upsert(path, in: space, blob.digest, at: now))
        if let previous {
            // Who is just giving it a name must be waited for, to be seen by the statement that looks for names.
            _ = try db.query(BlobQueries.lock(previous))
            try db.execute(BlobQueries.condemn(previous, at: now))
        }
    }
}

extension ArtifactPath {
    /// What must not change while a file gets this name: the names of the folders that lead to it, and what is in them.
    ///
    /// Names that can be in each other's way begin alike. Clients keep the files of each run, and of each model, in a
    /// folder three levels down; what lies higher may be in the way of many of these.
    var namingScope: WriteScope {
        let folders = self.text.split(separator: "/", maxSplits: 3)
        guard folders.count > 3 else { return .everything }
        return .only(WriteKey("folder", folders.prefix(3).joined(separator: "/")))
    }
}
