import MartletArtifacts
import MartletCapture
import MartletCore
import MartletSQL

/// Registers versions: looks at what they are made of, then numbers, seals and writes them in one transaction.
///
/// The look and the reading of files come first, since no transaction may wait for a disk. What is sealed is what was
/// there at the look: its bytes cannot go away in between (they are kept for a day after their last name), and what is
/// written to its source later is not looked at.
struct VersionRegistrar: Sendable {
    /// How often files may vanish between the look and the seal.
    private static let attemptsMax = 3

    let database: any Database
    let surroundings: Surroundings
    let sources: any SourceDirectory
    let artifacts: ArtifactService

    func register(_ new: NewModelVersion, by act: Act) async throws(MartletError) -> ModelVersion {
        var attempt = 1
        while true {
            let (draft, parent) = try await self.draft(new)
            let now = self.surroundings.now()
            do throws(MartletError) {
                return try await self.database.write { db throws(MartletError) in
                    let writing = VersionWriting(new: new, draft: draft, parent: parent, act: act, now: now)
                    return try writing.write(self.sources, on: db)
                }
            } catch {
                guard error.code == .conflict, attempt < Self.attemptsMax else { throw error }
                attempt += 1
            }
        }
    }

    /// Looks at everything that a version is made of.
    private func draft(_ new: NewModelVersion) async throws(MartletError) -> (VersionDraft, ParentVersion?) {
        let sources = self.sources
        let (files, facts, parent) = try await self.database.read { db throws(MartletError) in
            let origin = try VersionOrigin.check(new, in: sources, on: db)
            let found = try sources.facts(run: origin.runID, loggedModel: origin.loggedModelID, on: db)
            let parent = try ParentVersion.find(of: new.name, on: db)
            return (try Self.files(of: new, at: origin, sources, on: db), found.merging(new.facts), parent)
        }
        let tree = files.tree ?? SealedTree([])
        let capture = await ModelReader(artifacts: self.artifacts).capture(tree)
        let roles = Dictionary(new.files?.map { ($0.path.text, $0.role) } ?? [], uniquingKeysWith: { $1 })
            .compactMapValues { $0 }
        return (VersionDraft(files: files, facts: facts, capture: capture, declaredRoles: roles), parent)
    }

    private static func files(
        of new: NewModelVersion,
        at origin: VersionOrigin,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> VersionDraft.Files {
        if let files = new.files {
            return .sealed(try SealedTree.storing(files.map { ($0.path, $0.digest) }, on: db), file: nil)
        }
        // A prompt is all in its tags.
        if new.tags.markPrompt { return .sealed(SealedTree([]), file: nil) }
        return try SourceFiles.find(origin.artifactURI, in: sources, on: db)
    }
}

/// The version that a new one follows.
struct ParentVersion: Sendable {
    let key: Int64
    let number: VersionNumber
    let digest: BlobDigest?
    let semanticVersion: SemanticVersion?
    /// `nil` for one from before there were manifests.
    let manifest: Manifest?

    /// The newest version of a model; `nil` when it has none.
    ///
    /// - Parameter known: Taken if it is still the newest, which saves reading it again.
    static func find(
        of name: ModelName,
        orElse known: ParentVersion? = nil,
        on db: any Connection
    ) throws(MartletError) -> ParentVersion? {
        guard let row = try db.queryOne(ModelVersionQueries.newest(of: name)) else { return nil }
        let found = ModelVersionQueries.decode(row)
        if let known, known.key == found.key, known.semanticVersion == found.version.semanticVersion { return known }
        return ParentVersion(
            key: found.key,
            number: found.version.number,
            digest: found.version.seal?.digest,
            semanticVersion: found.version.semanticVersion,
            manifest: try Manifest.find(of: found.key, on: db)
        )
    }
}
