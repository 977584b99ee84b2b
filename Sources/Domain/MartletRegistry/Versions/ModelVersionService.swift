package import MartletArtifacts
package import MartletCore
import MartletJSON
import MartletLedger
package import MartletSearch
package import MartletSQL

/// The rules of model versions: how they come into being, move between stages and are found.
package struct ModelVersionService: Sendable {
    let database: any Database
    let surroundings: Surroundings
    private let sources: any SourceDirectory
    private let artifacts: ArtifactService

    /// - Parameter artifacts: Reads the files of versions that are being registered.
    package init(
        database: any Database,
        surroundings: Surroundings,
        sources: any SourceDirectory,
        artifacts: ArtifactService
    ) {
        self.database = database
        self.surroundings = surroundings
        self.sources = sources
        self.artifacts = artifacts
    }

    /// Registers the next version of a model, and seals it: from then on nothing that it is made of can change.
    ///
    /// Its number is taken in the same transaction: numbers are dense, and none is given out twice, not even
    /// after the version that had it was deleted.
    package func create(_ new: NewModelVersion, by act: Act) async throws(MartletError) -> ModelVersion {
        try Description.check(new.description)
        let registrar = VersionRegistrar(
            database: self.database,
            surroundings: self.surroundings,
            sources: self.sources,
            artifacts: self.artifacts
        )
        return try await registrar.register(new, by: act)
    }

    /// Seals a version that was registered before its files were there.
    ///
    /// - Throws: `conflict` for a version that is sealed or has no files here.
    package func seal(
        _ selector: VersionSelector,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) -> ModelVersion {
        let sealing = LateSealing(
            database: self.database,
            surroundings: self.surroundings,
            sources: self.sources,
            artifacts: self.artifacts
        )
        return try await sealing.seal(selector, of: name, by: act)
    }

    /// Returns a version with its tags and aliases.
    ///
    /// - Throws: `notFound`, as everything here does for a version that does not exist or was deleted.
    package func version(_ number: VersionNumber, of name: ModelName) async throws(MartletError) -> ModelVersion {
        try await self.database.read { db throws(MartletError) in
            try Self.load(try FoundVersion.find(number, of: name, on: db), from: db)
        }
    }

    /// Returns the version that an alias points at; `latest` is always the newest.
    package func version(_ alias: AliasName, of name: ModelName) async throws(MartletError) -> ModelVersion {
        try await self.database.read { db throws(MartletError) in
            try Self.load(try FoundVersion.find(alias, of: name, on: db), from: db)
        }
    }

    /// Returns the version that any of its names finds.
    package func version(_ selector: VersionSelector, of name: ModelName) async throws(MartletError) -> ModelVersion {
        try await self.database.read { db throws(MartletError) in
            try Self.load(try FoundVersion.find(selector, of: name, on: db), from: db)
        }
    }

    /// Returns the version whose manifest has a digest, of whatever model.
    package func version(_ digest: BlobDigest) async throws(MartletError) -> ModelVersion {
        try await self.database.read { db throws(MartletError) in
            guard let row = try db.queryOne(ModelVersionQueries.find(digest)) else {
                throw MartletError(.notFound, "No version has the digest \(digest).")
            }
            return try Self.load(ModelVersionQueries.decode(row), from: db)
        }
    }

    /// Returns the bytes of a version's manifest.
    ///
    /// - Throws: `notFound` also for a version from before there were manifests.
    package func manifest(_ selector: VersionSelector, of name: ModelName) async throws(MartletError) -> String {
        try await self.database.read { db throws(MartletError) in
            let found = try FoundVersion.find(selector, of: name, on: db)
            guard let row = try db.queryOne(ManifestQueries.body(of: found.key)) else {
                throw MartletError(.notFound, "Version \(found.version.number) of '\(name)' has no manifest.")
            }
            return row.text(0)
        }
    }

    /// Returns the newest version in each of `stages`, in the order of their numbers.
    package func latestVersions(of name: ModelName, in stages: [Stage]) async throws(MartletError) -> [ModelVersion] {
        try await self.database.read { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            let rows = try db.query(ModelVersionQueries.latest(of: [model.key], in: stages))
            return try ModelVersionLoader.load(rows.map(ModelVersionQueries.decode), withAliases: true, from: db)
        }
    }

    /// Returns a page of versions, without their aliases.
    ///
    /// - Throws: `invalidArgument` when the query's position does not fit its order.
    package func search(_ query: ModelVersionQuery) async throws(MartletError) -> Page<ModelVersion> {
        try await self.database.read(.search) { db throws(MartletError) in
            try Self.search(query, withAliases: false, on: db)
        }
    }

    /// Returns a page of a model's versions, with their aliases.
    ///
    /// - Throws: `notFound` when there is no such model, which a search would not tell.
    package func search(
        _ query: ModelVersionQuery,
        of name: ModelName
    ) async throws(MartletError) -> Page<ModelVersion> {
        try await self.database.read(.search) { db throws(MartletError) in
            _ = try FoundModel.find(name, on: db)
            return try Self.search(query, withAliases: true, on: db)
        }
    }

    private static func search(
        _ query: ModelVersionQuery,
        withAliases: Bool,
        on db: any Connection
    ) throws(MartletError) -> Page<ModelVersion> {
        let rows = try db.query(try ModelVersionQueries.search(query))
        let shown = rows.prefix(query.limit)
        let next = rows.count > query.limit ? shown.last.map { query.keyset.position(of: $0) } : nil
        let found = shown.map(ModelVersionQueries.decode)
        return Page(items: try ModelVersionLoader.load(found, withAliases: withAliases, from: db), next: next)
    }

    /// Where a client loads a version from; a `runs:` URI is left for it to resolve.
    package func downloadURI(of number: VersionNumber, of name: ModelName) async throws(MartletError) -> String {
        try await self.database.read { db throws(MartletError) in
            try FoundVersion.find(number, of: name, on: db).version.artifactURI
        }
    }

    /// Where the files of a version lie, with a `runs:` URI resolved.
    package func artifactLocation(of number: VersionNumber, of name: ModelName) async throws(MartletError) -> String {
        let sources = self.sources
        return try await self.database.read { db throws(MartletError) in
            let uri = try FoundVersion.find(number, of: name, on: db).version.artifactURI
            guard let location = try SourceFiles.location(of: uri, in: sources, on: db) else {
                throw MartletError(.notFound, "The run of '\(uri)' is not known here.")
            }
            return location
        }
    }
}

extension ModelVersionService {
    /// Replaces the description; `nil` clears it.
    package func describe(
        _ number: VersionNumber,
        of name: ModelName,
        as text: String?,
        by act: Act
    ) async throws(MartletError) -> ModelVersion {
        try Description.check(text)
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            try db.execute(ModelVersionQueries.describe(found.key, as: text, at: now))
            let details = [CanonicalJSON.Member("description", text)]
            try Ledger.append(LedgerEvent(.describeVersion, of: found, by: act, at: now, details: details), on: db)
            return try Self.load(try FoundVersion.find(number, of: name, on: db), from: db)
        }
    }

    /// Sets a tag, whatever its value was. That of a semantic version also renumbers.
    package func setTag(
        _ tag: Tag,
        on number: VersionNumber,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            if tag.key == SemanticNumbering.tag {
                try Self.renumber(found, to: try SemanticVersion(validating: tag.value), by: act, at: now, on: db)
            }
            try Self.setTag(tag, on: found, by: act, at: now, on: db)
        }
    }

    static func setTag(
        _ tag: Tag,
        on found: FoundVersion,
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        try db.execute(ModelVersionQueries.setTags([tag], on: found.key))
        try Ledger.append(LedgerEvent(.tagVersion, of: found, by: act, at: now, details: .tag(tag)), on: db)
        try Announcement.tag(tag.key, setTo: tag.value, on: found, at: now, on: db)
    }

    /// Removes a tag; one that is not there is fine.
    package func deleteTag(
        _ key: String,
        of number: VersionNumber,
        of name: ModelName,
        by act: Act
    ) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            guard try db.execute(ModelVersionQueries.deleteTag(key, of: found.key)) > 0 else { return }
            let details = [CanonicalJSON.Member("key", key)]
            try Ledger.append(LedgerEvent(.untagVersion, of: found, by: act, at: now, details: details), on: db)
            try Announcement.tag(key, setTo: nil, on: found, at: now, on: db)
        }
    }

    static func load(_ found: FoundVersion, from db: any Connection) throws(MartletError) -> ModelVersion {
        try ModelVersionLoader.load([found], withAliases: true, from: db)[0]
    }
}
