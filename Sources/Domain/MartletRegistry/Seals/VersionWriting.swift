import Crypto
import MartletArtifacts
import MartletCapture
import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

/// Writes a new version with all that belongs to it, inside one transaction.
struct VersionWriting {
    let new: NewModelVersion
    let draft: VersionDraft
    /// The newest version when the draft was made.
    let parent: ParentVersion?
    let act: Act
    let now: Timestamp

    /// - Throws: `conflict` when files that were to be sealed are gone.
    func write(_ sources: any SourceDirectory, on db: any Connection) throws(MartletError) -> ModelVersion {
        // Again: what it claims may have changed since the draft.
        let origin = try VersionOrigin.check(self.new, in: sources, on: db)
        let parent = try ParentVersion.find(of: self.new.name, orElse: self.parent, on: db)
        if self.new.createsModel {
            try RegisteredModelService.ensure(self.new.name, by: self.act, at: self.now, on: db)
        }
        guard let row = try db.queryOne(RegisteredModelQueries.takeNumber(self.new.name, at: self.now)) else {
            throw .modelNotFound(self.new.name)
        }
        let (modelKey, number) = (row.integer(0), VersionNumber(row.integer(1)))
        let manifest = self.draft.manifest(
            of: self.new,
            number: number,
            parent: parent.map { Manifest.Parent(number: $0.number, digest: $0.digest) },
            by: self.author,
            at: self.now
        )
        let bytes = manifest.bytes(files: self.draft.spelling)
        var version = ModelVersion(manifest, self.new, origin, VersionSeal(manifest, bytes))
        if let uri = self.draft.files.uri { version.artifactURI = uri }
        if self.new.files != nil, let uri = self.draft.files.uri { version.source = uri }
        version.stageName = try Policy.find(of: modelKey, on: db).machine.first.name
        try self.number(&version, after: parent, manifest, of: modelKey, on: db)
        try self.insert(&version, manifest, bytes, into: modelKey, copyOf: origin.copiedFrom, on: db)
        if let model = self.new.loggedModelID {
            try sources.noteVersion(version.number, of: version.name, on: model, db: db)
        }
        return version
    }

    /// Who acts; else who ran the run; else nobody that is known.
    private var author: ActorName {
        guard self.act.actor.isAnonymous, let name = self.draft.facts.run?.userName else { return self.act.actor }
        return (try? ActorName(validating: name)) ?? self.act.actor
    }

    private func number(
        _ version: inout ModelVersion,
        after parent: ParentVersion?,
        _ manifest: Manifest,
        of modelKey: Int64,
        on db: any Connection
    ) throws(MartletError) {
        if let requested = try self.new.requestedNumber {
            try SemanticNumbering.requireFree(requested, of: modelKey, on: db)
            version.semanticVersion = requested
            version.numberReasons = ["chosen by \(version.author)"]
            return
        }
        let bump = parent?.manifest.map { Bump(from: $0, to: manifest) }
        let number = try SemanticNumbering.next(
            bump?.part ?? .minor,
            after: parent?.semanticVersion,
            of: modelKey,
            on: db
        )
        version.semanticVersion = number
        version.numberReasons = number == .first ? ["the first version"] : bump?.reasons ?? ["follows an unsealed past"]
    }

    private func insert(
        _ version: inout ModelVersion,
        _ manifest: Manifest,
        _ bytes: [UInt8],
        into modelKey: Int64,
        copyOf original: Int64?,
        on db: any Connection
    ) throws(MartletError) {
        try self.draft.files.tree?.seal(at: self.now, on: db)
        guard let inserted = try db.queryOne(ModelVersionQueries.insert(version, into: modelKey, copyOf: original))
        else {
            throw MartletError(.internal, "the database gave no version key")
        }
        let found = FoundVersion(key: inserted.integer(0), modelKey: modelKey, version: version)
        try db.execute(ModelVersionQueries.setTags(version.tags, on: found.key))
        try db.execute(ManifestQueries.insert(bytes, of: found.key))
        try db.execute(ManifestQueries.insert(manifest.metrics, of: found.key, modelKey: modelKey))
        try db.execute(ManifestQueries.insert(manifest.datasets, of: found.key))
        try db.execute(TensorIndexQueries.await(manifest.files.list))
        let event = LedgerEvent(
            .registerVersion,
            of: found,
            by: self.act,
            at: self.now,
            details: Self.details(version)
        )
        version.revision = try Ledger.append(event, on: db)
        try db.execute(ModelVersionQueries.setRevision(version.revision, of: found.key))
        try Announcement.creation(of: found, at: self.now, on: db)
    }

    /// What the ledger says of a version's registration.
    static func details(_ version: ModelVersion) -> [CanonicalJSON.Member] {
        [
            .init("author", version.author.rawValue),
            .init("description", version.description),
            .init("digest", version.seal?.digest.description),
            .init("semanticVersion", version.semanticVersion?.description),
            .init("source", URLRedaction.redacted(version.source)),
            .init("stage", version.stageName.rawValue),
            .init("tags", .object(version.tags.map { CanonicalJSON.Member($0.key, $0.value) })),
            .init("tree", version.seal?.tree?.description),
        ]
    }
}

extension NewModelVersion {
    /// What its author wants it to be called; `nil` to let the rules decide.
    fileprivate var requestedNumber: SemanticVersion? {
        get throws(MartletError) {
            if let semanticVersion { return semanticVersion }
            guard let text = self.tags.last(where: { $0.key == SemanticNumbering.tag })?.value else { return nil }
            return try SemanticVersion(validating: text)
        }
    }
}

extension VersionSeal {
    init(_ manifest: Manifest, _ bytes: [UInt8]) {
        self.init(
            digest: BlobDigest(SHA256.hash(data: bytes)),
            tree: manifest.files.tree,
            unsealedReason: manifest.files.unsealedReason,
            fileCount: Int64(manifest.files.list.count),
            byteCount: manifest.byteCount,
            captured: manifest.captured
        )
    }
}

extension ModelVersion {
    fileprivate init(_ manifest: Manifest, _ new: NewModelVersion, _ origin: VersionOrigin, _ seal: VersionSeal) {
        self.init(
            name: new.name,
            number: manifest.number,
            source: origin.source,
            artifactURI: origin.artifactURI,
            runID: origin.runID,
            loggedModelID: origin.loggedModelID,
            runLink: new.runLink,
            description: new.description,
            author: manifest.author,
            parent: manifest.parent?.number,
            semanticVersion: nil,
            numberReasons: [],
            seal: seal,
            stage: .candidate,
            stageName: StageName(.candidate),
            revision: -1,
            holdReason: nil,
            createdAt: manifest.registeredAt,
            updatedAt: manifest.registeredAt,
            deletedAt: nil,
            purgedAt: nil,
            tags: new.tags.distinct,
            aliases: []
        )
    }
}
