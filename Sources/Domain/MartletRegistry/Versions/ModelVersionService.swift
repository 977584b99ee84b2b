package import MartletCore
package import MartletSearch
package import MartletSQL

/// The rules of model versions: how they come into being, move between stages and are found.
package struct ModelVersionService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings
    private let sources: any SourceDirectory

    package init(database: any Database, surroundings: Surroundings, sources: any SourceDirectory) {
        self.database = database
        self.surroundings = surroundings
        self.sources = sources
    }

    /// Registers the next version of a model.
    ///
    /// Its number is taken in the same transaction: numbers are dense, and none is given out twice, not even
    /// after the version that had it was deleted.
    package func create(_ new: NewModelVersion) async throws(MartletError) -> ModelVersion {
        let now = self.surroundings.now()
        let sources = self.sources
        return try await self.database.write { db throws(MartletError) in
            let origin = try VersionOrigin.check(new, in: sources, on: db)
            guard let row = try db.queryOne(RegisteredModelQueries.takeNumber(new.name, at: now)) else {
                throw .modelNotFound(new.name)
            }
            let version = ModelVersion(new, from: origin, number: VersionNumber(row.integer(1)), at: now)
            guard let inserted = try db.queryOne(ModelVersionQueries.insert(version, into: row.integer(0))) else {
                throw MartletError(.internal, "the database gave no version key")
            }
            try db.execute(ModelVersionQueries.setTags(version.tags, on: inserted.integer(0)))
            if let model = new.loggedModelID {
                try sources.noteVersion(version.number, of: version.name, on: model, db: db)
            }
            return version
        }
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

    /// Returns the newest version in each of `stages`, in the order of their numbers.
    package func latestVersions(of name: ModelName, in stages: [Stage]) async throws(MartletError) -> [ModelVersion] {
        try await self.database.read { db throws(MartletError) in
            let modelKey = try RegisteredModelService.key(of: name, on: db)
            let rows = try db.query(ModelVersionQueries.latest(of: [modelKey], in: stages))
            return try ModelVersionLoader.load(rows.map(ModelVersionQueries.decode), withAliases: true, from: db)
        }
    }

    /// Returns a page of versions, without their aliases.
    ///
    /// - Throws: `invalidArgument` when the query's position does not fit its order.
    package func search(_ query: ModelVersionQuery) async throws(MartletError) -> Page<ModelVersion> {
        return try await self.database.read(.search) { db throws(MartletError) in
            let rows = try db.query(try ModelVersionQueries.search(query))
            let shown = rows.prefix(query.limit)
            let next = rows.count > query.limit ? shown.last.map { query.keyset.position(of: $0) } : nil
            let versions = try ModelVersionLoader.load(shown.map(ModelVersionQueries.decode), from: db)
            return Page(items: versions, next: next)
        }
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
            guard uri.hasPrefix("runs:"), case .run(let run, let path) = try VersionSource(parsing: uri) else {
                return uri
            }
            guard let root = try sources.artifactURI(of: run, on: db) else {
                throw MartletError(.notFound, "Run with id=\(run) not found")
            }
            return path.isEmpty ? root : "\(root)/\(path)"
        }
    }
}

extension ModelVersionService {
    /// Replaces the description; `nil` clears it.
    package func describe(
        _ number: VersionNumber,
        of name: ModelName,
        as text: String?
    ) async throws(MartletError) -> ModelVersion {
        let now = self.surroundings.now()
        return try await self.change(number, of: name) { found, db throws(MartletError) in
            try db.execute(ModelVersionQueries.describe(found.key, as: text, at: now))
        }
    }

    /// Moves a version to a stage.
    ///
    /// - Parameter archivingOthers: Whether the versions that are in that stage now make room.
    /// - Throws: `invalidArgument` when versions should make room in a stage where any number may be.
    package func move(
        _ number: VersionNumber,
        of name: ModelName,
        to stage: Stage,
        archivingOthers: Bool
    ) async throws(MartletError) -> ModelVersion {
        guard stage.isActive || !archivingOthers else {
            throw .invalid(
                "Model version transition cannot archive existing model versions because '\(stage.mlflowName)' is not "
                    + "an Active stage. Valid stages are ['Staging', 'Production']"
            )
        }
        let now = self.surroundings.now()
        return try await self.change(number, of: name) { found, db throws(MartletError) in
            // First, because the version may be one of those that are there.
            if archivingOthers { try db.execute(ModelVersionQueries.archive(stage, of: found.modelKey, at: now)) }
            try db.execute(ModelVersionQueries.move(found.key, to: stage, at: now))
            try db.execute(RegisteredModelQueries.touch(found.modelKey, at: now))
        }
    }

    /// Hides a version and the aliases that point at it.
    package func delete(_ number: VersionNumber, of name: ModelName) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            try db.execute(ModelVersionQueries.delete(found.key, at: now))
            try db.execute(RegisteredModelQueries.touch(found.modelKey, at: now))
        }
    }

    /// Sets a tag, whatever its value was.
    package func setTag(_ tag: Tag, on number: VersionNumber, of name: ModelName) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            try db.execute(ModelVersionQueries.setTags([tag], on: found.key))
        }
    }

    /// Removes a tag; one that is not there is fine.
    package func deleteTag(
        _ key: String,
        of number: VersionNumber,
        of name: ModelName
    ) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            try db.execute(ModelVersionQueries.deleteTag(key, of: found.key))
        }
    }

    /// Changes a version and returns what it is then.
    private func change(
        _ number: VersionNumber,
        of name: ModelName,
        _ body: @escaping @Sendable (FoundVersion, any Connection) throws(MartletError) -> Void
    ) async throws(MartletError) -> ModelVersion {
        try await self.database.write { db throws(MartletError) in
            try body(try FoundVersion.find(number, of: name, on: db), db)
            return try Self.load(try FoundVersion.find(number, of: name, on: db), from: db)
        }
    }

    private static func load(_ found: FoundVersion, from db: any Connection) throws(MartletError) -> ModelVersion {
        try ModelVersionLoader.load([found], withAliases: true, from: db)[0]
    }
}

extension ModelVersion {
    fileprivate init(_ new: NewModelVersion, from origin: VersionOrigin, number: VersionNumber, at now: Timestamp) {
        self.init(
            name: new.name,
            number: number,
            source: origin.source,
            artifactURI: origin.artifactURI,
            runID: origin.runID,
            loggedModelID: origin.loggedModelID,
            runLink: new.runLink,
            description: new.description,
            stage: .candidate,
            createdAt: now,
            updatedAt: now,
            tags: new.tags.distinct,
            aliases: []
        )
    }
}
