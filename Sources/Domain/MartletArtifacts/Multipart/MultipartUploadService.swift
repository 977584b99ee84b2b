package import MartletBlobs
package import MartletCore
package import MartletSQL

/// The rules of uploads that arrive in parts, in any order and several at once.
///
/// Parts are durable when they are acknowledged and visible to nobody. Completing the upload makes one file of
/// them, and from then on it is as if the file had arrived at once.
package struct MultipartUploadService: Sendable {
    private static let daysMax: Int64 = 7

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

    /// Opens an upload of exactly `partCount` parts.
    package func create(
        at path: ArtifactPath,
        in space: ArtifactSpace,
        partCount: Int
    ) async throws(MartletError) -> MultipartUploadID {
        guard (1...Limits.partsPerUpload).contains(partCount) else {
            throw .invalid("An upload must have between 1 and \(Limits.partsPerUpload) parts, not \(partCount)")
        }
        let id = MultipartUploadID(self.surroundings)
        let upload = OpenUpload(id: id, path: path, space: space, partCount: partCount, parts: [])
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            try db.execute(MultipartUploadQueries.insert(upload, at: now))
        }
        return id
    }

    /// Stores one part; if it arrived before, the new one counts.
    package func put<Bytes>(
        _ file: IncomingFile<Bytes>,
        asPart number: Int,
        of id: MultipartUploadID
    ) async throws(MartletError) -> MultipartUploadPart {
        // Before the bytes are received, and again when they are recorded.
        try await self.database.read { db throws(MartletError) in
            try Self.requirePart(number, of: id, on: db)
        }
        return try await file.receive(into: self.blobs) { upload throws(MartletError) in
            let part = try await upload.stage()
            try await self.record(part, number, of: id)
            return MultipartUploadPart(number: number, digest: part.digest)
        }
    }

    /// Makes one file of the parts.
    ///
    /// - Parameter declared: What the sender thinks it has sent, in any order.
    /// - Throws: `invalidArgument` when parts are missing or others than those declared; the upload then goes on.
    package func complete(
        _ id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace,
        _ declared: [MultipartUploadPart]
    ) async throws(MartletError) {
        let parts = try await self.database.read { db throws(MartletError) in
            try Self.find(id, at: path, in: space, on: db).parts(declared: declared)
        }
        let upload = try await self.blobs.assemble(parts)
        do throws(MartletError) {
            try await upload.publish(under: self.claims) { blob throws(MartletError) in
                try await self.name(blob, of: id, at: path, in: space)
            }
        } catch {
            await upload.discard()
            throw error
        }
        await self.remove(parts.map(\.id))
    }

    /// Forgets an upload and its parts.
    package func abort(
        _ id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace
    ) async throws(MartletError) {
        let parts = try await self.database.write { db throws(MartletError) in
            let upload = try Self.find(id, at: path, in: space, on: db)
            try Self.delete(id, on: db)
            return upload.parts
        }
        await self.remove(parts.map(\.staged.id))
    }

    /// Forgets uploads that nobody has completed for days, and removes what was being received when the server
    /// stopped. To be called before the first request.
    package func sweep() async throws(MartletError) {
        let oldest = Timestamp(milliseconds: self.surroundings.now().milliseconds - Self.daysMax * 86_400_000)
        let known = try await self.database.write { db throws(MartletError) in
            try db.execute(MultipartUploadQueries.deleteParts(ofUploadsBefore: oldest))
            try db.execute(MultipartUploadQueries.delete(before: oldest))
            return Set(try db.query(MultipartUploadQueries.allStagedIDs).map { $0.text(0) })
        }
        let staged = try await self.blobs.listStaged()
        try await self.blobs.removeStaged(staged.filter { !known.contains($0.rawValue) })
    }
}

extension MultipartUploadService {
    /// Ends an upload.
    private func name(
        _ blob: StoredBlob,
        of id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace
    ) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            _ = try Self.find(id, at: path, in: space, on: db)
            try ArtifactService.name(blob, path, in: space, at: now, on: db)
            try Self.delete(id, on: db)
        }
    }

    /// Records a part and removes the one that it replaces.
    private func record(_ part: StagedPart, _ number: Int, of id: MultipartUploadID) async throws(MartletError) {
        let replaced = try await self.database.write { db throws(MartletError) in
            try Self.requirePart(number, of: id, on: db)
            let replaced = try db.queryOne(MultipartUploadQueries.stagedID(ofPart: number, of: id))
            try db.execute(MultipartUploadQueries.upsertPart(number, part, of: id))
            return replaced.flatMap { StagedPartID($0.text(0)) }
        }
        if let replaced { await self.remove([replaced]) }
    }

    /// Removes parts that no row names any more.
    private func remove(_ parts: [StagedPartID]) async {
        // The rows are gone, so what cannot be removed now is swept at the next start.
        try? await self.blobs.removeStaged(parts)
    }

    private static func requirePart(
        _ number: Int,
        of id: MultipartUploadID,
        on db: any Connection
    ) throws(MartletError) {
        guard let row = try db.queryOne(MultipartUploadQueries.partCount(id)) else { throw .uploadNotFound(id) }
        guard (1...row.integer(0)).contains(Int64(number)) else {
            throw .invalid("The upload has \(row.integer(0)) parts; there is no part \(number)")
        }
    }

    private static func find(
        _ id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace,
        on db: any Connection
    ) throws(MartletError) -> OpenUpload {
        guard let row = try db.queryOne(MultipartUploadQueries.find(id, at: path, in: space)) else {
            throw .uploadNotFound(id)
        }
        let parts = try db.query(MultipartUploadQueries.parts(of: id)).compactMap { row in
            StagedPartID(row.text(1)).map { stagedID in
                let digest = BlobDigest(bytes: row.bytes(2))
                return (Int(row.integer(0)), StagedPart(id: stagedID, digest: digest, size: row.integer(3)))
            }
        }
        return OpenUpload(id: id, path: path, space: space, partCount: Int(row.integer(0)), parts: parts)
    }

    private static func delete(_ id: MultipartUploadID, on db: any Connection) throws(MartletError) {
        try db.execute(MultipartUploadQueries.deleteParts(of: id))
        try db.execute(MultipartUploadQueries.delete(id))
    }
}
