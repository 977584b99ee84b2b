package import MartletBlobs
package import MartletCore
package import MartletSQL

/// The rules of uploads that arrive in parts, in any order and several at once.
///
/// Parts are durable when they are acknowledged and visible to nobody. Completing the upload makes one file of
/// them, and from then on it is as if the file had arrived at once.
package struct MultipartUploadService: Sendable {
    /// How long an upload is kept that nobody completes, and what is known of one that was completed.
    static let daysMax: Int64 = 7

    let database: any Database
    let blobs: any BlobStore
    /// Parts are recorded by many at once; an upload is completed, given up or forgotten by one alone. Of several
    /// servers one wins: whoever completes an upload looks again before it does.
    let turns = Claims<MultipartUploadID>()
    let surroundings: Surroundings
    private let claims: BlobClaims

    package init(database: any Database, blobs: any BlobStore, claims: BlobClaims, surroundings: Surroundings) {
        self.database = database
        self.blobs = blobs
        self.claims = claims
        self.surroundings = surroundings
    }

    /// Opens an upload of exactly `partCount` parts.
    ///
    /// - Throws: `invalidArgument` when there cannot be a file at `path`.
    package func create(
        at path: ArtifactPath,
        in space: ArtifactSpace,
        partCount: Int
    ) async throws(MartletError) -> MultipartUploadID {
        guard (1...Limits.partsPerUpload).contains(partCount) else {
            throw .invalid("An upload must have between 1 and \(Limits.partsPerUpload) parts, not \(partCount)")
        }
        let id = MultipartUploadID(self.surroundings)
        var upload = MultipartUpload(id: id, path: path, space: space, partCount: partCount)
        upload.isDirect = self.blobs.takesDirectUploads
        let (created, now) = (upload, self.surroundings.now())
        try await self.database.write { db throws(MartletError) in
            try ArtifactService.requireFree(path, in: space, on: db)
            try db.execute(MultipartUploadQueries.insert(created, at: now))
        }
        return id
    }

    /// Stores one part; if it arrived before, the new one counts.
    ///
    /// - Throws: `conflict` when the upload is completed meanwhile, or was before.
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
            return MultipartUploadPart(number: number, tag: "\(part.digest)")
        }
    }

    /// Makes one file of the parts.
    ///
    /// A sender that has not heard of its success may ask again: as long as the upload is known, the answer is the
    /// same.
    ///
    /// - Parameter declared: What the sender thinks it has sent, in any order.
    /// - Throws: `invalidArgument` when parts are missing or others than those declared, or when there cannot be a
    ///   file at `path`; the upload then goes on. `limitExceeded` when the file of a direct upload is longer than
    ///   `sizeMax`.
    package func complete(
        _ id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace,
        _ declared: [MultipartUploadPart],
        sizeMax: Int64? = nil
    ) async throws(MartletError) {
        try await self.turns.owning(id) { () async throws(MartletError) in
            let upload = try await self.database.read { db throws(MartletError) in
                let upload = try Self.find(id, at: path, in: space, on: db)
                try upload.check(declared)
                if !upload.isCompleted { try ArtifactService.requireFree(path, in: space, on: db) }
                return upload
            }
            guard !upload.isCompleted else { return }
            do throws(MartletError) {
                if upload.isDirect {
                    try await self.join(upload, declared, sizeMax: sizeMax)
                } else {
                    try await self.assemble(upload)
                }
            } catch {
                // Another server may have completed or given up the upload, and removed its parts, meanwhile.
                let isOpen = try await self.database.read { db throws(MartletError) in
                    try Self.isStill(upload, on: db)
                }
                if isOpen { throw error }
            }
        }
    }

    /// Forgets an upload and its parts.
    ///
    /// - Throws: `notFound` also when it is completed: there is nothing to give up any more.
    package func abort(
        _ id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace
    ) async throws(MartletError) {
        try await self.turns.owning(id) { () async throws(MartletError) in
            let upload = try await self.database.write { db throws(MartletError) in
                let upload = try Self.find(id, at: path, in: space, on: db)
                guard !upload.isCompleted else { throw .uploadNotFound(id) }
                try Self.delete(id, on: db)
                return upload
            }
            await self.remove(upload.parts.map(\.staged.id))
            if upload.isDirect { await self.removeDirect(id) }
        }
    }
}

extension MultipartUploadService {
    private func assemble(_ upload: MultipartUpload) async throws(MartletError) {
        let parts = upload.parts.map(\.staged)
        let file = try await self.blobs.assemble(parts)
        do throws(MartletError) {
            try await self.publish(file, upload)
        } catch {
            await file.discard()
            throw error
        }
        await self.remove(parts.map(\.id))
    }

    /// Names a file and completes the upload that it arrived by.
    func publish(_ file: any ReceivedBlob, _ upload: MultipartUpload) async throws(MartletError) {
        try await file.publish(under: self.claims) { (blob, claim) async throws(MartletError) in
            let now = self.surroundings.now()
            try await self.database.write { db throws(MartletError) in
                guard try Self.isStill(upload, on: db) else { return }
                try claim.check(on: db)
                try ArtifactService.name(blob, upload.path, in: upload.space, at: now, on: db)
                try db.execute(MultipartUploadQueries.complete(upload.id, at: now))
            }
        }
    }

    /// Whether an upload may be completed with what was made of its parts; `false` when another server has done so.
    ///
    /// - Throws: `conflict` when other parts have arrived; `notFound` when the upload was given up.
    private static func isStill(_ upload: MultipartUpload, on db: any Connection) throws(MartletError) -> Bool {
        let current = try self.find(upload.id, at: upload.path, in: upload.space, on: db)
        guard current.parts.map(\.staged.id) == upload.parts.map(\.staged.id) else {
            throw MartletError(.conflict, "A part has arrived while the upload was being completed; complete it again")
        }
        return !current.isCompleted
    }

    /// Records a part and removes the one that it replaces, unless somebody is making a file of them.
    private func record(_ part: StagedPart, _ number: Int, of id: MultipartUploadID) async throws(MartletError) {
        try await self.turns.sharing(id) { () async throws(MartletError) in
            // Completed and given up by writes of everything.
            let replaced = try await self.database.write(.only(WriteKey("upload", id.rawValue))) {
                db throws(MartletError) in
                try Self.requirePart(number, of: id, on: db)
                let replaced = try db.queryOne(MultipartUploadQueries.stagedID(ofPart: number, of: id))
                try db.execute(MultipartUploadQueries.upsertPart(number, part, of: id))
                return replaced.flatMap { StagedPartID($0.text(0)) }
            }
            if let replaced { await self.remove([replaced]) }
        }
    }

    /// Removes parts that no row needs any more.
    func remove(_ parts: [StagedPartID]) async {
        // What cannot be removed now is removed at the next start.
        try? await self.blobs.removeStaged(parts)
    }

    private static func requirePart(
        _ number: Int,
        of id: MultipartUploadID,
        on db: any Connection
    ) throws(MartletError) {
        guard let row = try db.queryOne(MultipartUploadQueries.partCount(id)) else { throw .uploadNotFound(id) }
        guard row.isNull(1) else {
            throw MartletError(.conflict, "The upload is completed and takes no more parts")
        }
        guard (1...row.integer(0)).contains(Int64(number)) else {
            throw .invalid("The upload has \(row.integer(0)) parts; there is no part \(number)")
        }
        guard row.integer(2) == 0 else { throw .invalid("The parts of this upload go to the object store") }
    }

    private static func find(
        _ id: MultipartUploadID,
        at path: ArtifactPath,
        in space: ArtifactSpace,
        on db: any Connection
    ) throws(MartletError) -> MultipartUpload {
        guard let row = try db.queryOne(MultipartUploadQueries.find(id, at: path, in: space)) else {
            throw .uploadNotFound(id)
        }
        let partCount = Int(row.integer(0))
        var upload = MultipartUpload(id: id, path: path, space: space, partCount: partCount)
        upload.isCompleted = !row.isNull(1)
        upload.isDirect = row.integer(2) != 0
        upload.parts = try db.query(MultipartUploadQueries.parts(of: id)).compactMap { row in
            StagedPartID(row.text(1)).map { stagedID in
                let digest = BlobDigest(bytes: row.bytes(2))
                return (Int(row.integer(0)), StagedPart(id: stagedID, digest: digest, size: row.integer(3)))
            }
        }
        return upload
    }

    static func delete(_ id: MultipartUploadID, on db: any Connection) throws(MartletError) {
        try db.execute(MultipartUploadQueries.deleteParts(of: id))
        try db.execute(MultipartUploadQueries.delete(id))
    }
}
