import MartletArtifacts
import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

/// Seals a version that was registered before its files were there, or before there were seals.
///
/// The one time that a version's digest changes: until then nothing had been promised of its files, and it said so.
struct LateSealing: Sendable {
    let database: any Database
    let surroundings: Surroundings
    let sources: any SourceDirectory
    let artifacts: ArtifactService

    /// - Throws: `conflict` for a version that is sealed or has no files here.
    func seal(_ selector: VersionSelector, of name: ModelName, by act: Act) async throws(MartletError) -> ModelVersion {
        let sources = self.sources
        let (found, files, facts, parent) = try await self.database.read { db throws(MartletError) in
            let found = try Self.requireUnsealed(selector, of: name, on: db)
            let version = found.version
            let facts = try sources.facts(run: version.runID, loggedModel: version.loggedModelID, on: db)
            let files = try SourceFiles.find(version.artifactURI, in: sources, on: db)
            return (found, files, facts, try Self.parent(of: found, on: db))
        }
        guard let tree = files.tree else {
            throw MartletError(.conflict, "Version \(found.version.number) cannot be sealed: \(files.reason ?? "").")
        }
        let capture = await ModelReader(artifacts: self.artifacts).capture(tree)
        let draft = VersionDraft(files: files, facts: facts, capture: capture)
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try Self.requireUnsealed(.number(found.version.number), of: name, on: db)
            let new = draft.manifest(
                of: NewModelVersion(try ModelVersionService.load(found, from: db)),
                number: found.version.number,
                parent: parent,
                by: found.version.author,
                at: found.version.createdAt
            )
            // What was said at the registration stands; the files add what only they can tell.
            let manifest = try Manifest.find(of: found.key, on: db)?.completed(by: new) ?? new
            try Self.write(manifest, draft, to: found, by: act, at: now, on: db)
            return try ModelVersionService.load(try FoundVersion.find(found.version.number, of: name, on: db), from: db)
        }
    }

    private static func requireUnsealed(
        _ selector: VersionSelector,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        let found = try FoundVersion.find(selector, of: name, on: db)
        guard found.version.seal?.tree == nil else {
            throw MartletError(.conflict, "Version \(found.version.number) of '\(name)' is sealed already.")
        }
        // One from before there were manifests has promised nothing to any gate.
        let isFresh = try found.isFresh(on: db)
        guard isFresh || found.version.seal == nil else {
            throw MartletError(
                .conflict,
                "Version \(found.version.number) of '\(name)' has left its first stage: what gates have looked at "
                    + "cannot change any more."
            )
        }
        return found
    }

    private static func parent(
        of found: FoundVersion,
        on db: any Connection
    ) throws(MartletError) -> Manifest.Parent? {
        guard let number = found.version.parent else { return nil }
        let row = try db.queryOne(ModelVersionQueries.findEvenDeleted(number, of: found.modelKey))
        return Manifest.Parent(
            number: number,
            digest: row.map(ModelVersionQueries.decode)?.version.seal?.digest
        )
    }

    private static func write(
        _ manifest: Manifest,
        _ draft: VersionDraft,
        to found: FoundVersion,
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        let bytes = manifest.bytes(files: draft.spelling)
        let seal = VersionSeal(manifest, bytes)
        try draft.files.tree?.seal(at: now, on: db)
        try db.execute(ModelVersionQueries.seal(found.key, seal, draft.files.uri ?? found.version.artifactURI, at: now))
        let previous = try db.queryOne(ManifestQueries.body(of: found.key))?.text(0)
        for statement in ManifestQueries.delete(of: found.key) { try db.execute(statement) }
        try db.execute(ManifestQueries.insert(bytes, of: found.key))
        try db.execute(ManifestQueries.insert(manifest.metrics, of: found.key, modelKey: found.modelKey))
        try db.execute(ManifestQueries.insert(manifest.datasets, of: found.key))
        try db.execute(TensorIndexQueries.await(manifest.files.list))
        // Whoever approved it has not seen these files.
        try db.execute(StageQueries.deleteApprovals(of: found.key))
        var number = found.version.semanticVersion
        if number == nil {
            let next = try SemanticNumbering.next(.minor, after: nil, of: found.modelKey, on: db)
            try db.execute(NumberingQueries.renumber(found.key, next, because: "given when it was sealed", at: now))
            number = next
        }
        let details = [
            CanonicalJSON.Member("digest", seal.digest.description),
            .init("previousDigest", found.version.seal?.digest.description),
            // So that the digest that the ledger has named before can still be computed.
            .init("previousManifest", previous),
            .init("semanticVersion", number?.description),
            .init("tree", seal.tree?.description),
        ]
        try Ledger.append(LedgerEvent(.sealVersion, of: found, by: act, at: now, details: details), on: db)
    }
}

extension NewModelVersion {
    /// What a version was registered with, as far as that is still known.
    fileprivate init(_ version: ModelVersion) {
        self.init(
            name: version.name,
            source: version.source,
            runID: version.runID,
            loggedModelID: version.loggedModelID,
            runLink: version.runLink,
            description: version.description ?? "",
            tags: version.tags
        )
    }
}

extension Manifest {
    /// This manifest of a version without files, with what its files say.
    fileprivate func completed(by new: Manifest) -> Manifest {
        var manifest = self
        manifest.files = new.files
        manifest.environment.python = new.environment.python
        manifest.environment.packages = new.environment.packages
        manifest.signature = new.signature
        manifest.architecture = new.architecture
        manifest.problems = new.problems
        return manifest
    }
}
