package import MartletCore
package import MartletSearch
package import MartletSQL

/// The rules of registered models, their tags and their aliases.
package struct RegisteredModelService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Creates a model, or a prompt if the tags say so; the last of a repeated tag wins.
    ///
    /// - Throws: `alreadyExists` when a model of that name exists that was not deleted.
    package func create(
        named name: ModelName,
        description: String? = nil,
        tags: [Tag] = []
    ) async throws(MartletError) -> RegisteredModel {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let statement = RegisteredModelQueries.insert(named: name, description: description, at: now)
            guard let row = try db.queryOne(statement) else {
                throw try Self.taken(name, byPrompt: tags.markPrompt, on: db)
            }
            try db.execute(RegisteredModelQueries.setTags(tags, on: row.integer(0)))
            return try Self.find(name, on: db)
        }
    }

    /// Returns a model with its tags, aliases and the newest version of each stage.
    ///
    /// - Throws: `notFound`, as everything here does for a model that does not exist or was deleted.
    package func model(_ name: ModelName) async throws(MartletError) -> RegisteredModel {
        try await self.database.read { db throws(MartletError) in
            try Self.find(name, on: db)
        }
    }

    /// Returns a page of models, each as complete as if it were asked for alone.
    ///
    /// - Throws: `invalidArgument` when the query's position does not fit its order.
    package func search(_ query: RegisteredModelQuery) async throws(MartletError) -> Page<RegisteredModel> {
        return try await self.database.read(.search) { db throws(MartletError) in
            let rows = try db.query(try RegisteredModelQueries.search(query))
            let shown = rows.prefix(query.limit)
            let next = rows.count > query.limit ? shown.last.map { query.keyset.position(of: $0) } : nil
            let models = try RegisteredModelLoader.load(shown.map(RegisteredModelQueries.decode), from: db)
            return Page(items: models, next: next)
        }
    }

    /// Replaces the description; `nil` clears it.
    package func describe(_ name: ModelName, as text: String?) async throws(MartletError) -> RegisteredModel {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            guard try db.execute(RegisteredModelQueries.describe(name, as: text, at: now)) > 0 else {
                throw .modelNotFound(name)
            }
            return try Self.find(name, on: db)
        }
    }

    /// Gives a model another name. Its versions, tags and aliases come along: they know it by its key.
    package func rename(_ name: ModelName, to newName: ModelName) async throws(MartletError) -> RegisteredModel {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            do throws(MartletError) {
                guard try db.execute(RegisteredModelQueries.rename(name, to: newName, at: now)) > 0 else {
                    throw .modelNotFound(name)
                }
            } catch {
                guard error.code == .alreadyExists else { throw error }
                throw MartletError(.alreadyExists, "Registered Model (name=\(newName)) already exists.")
            }
            return try Self.find(newName, on: db)
        }
    }

    /// Hides a model with all that belongs to it; its name may be used again.
    package func delete(_ name: ModelName) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            guard try db.execute(RegisteredModelQueries.delete(name, at: now)) > 0 else { throw .modelNotFound(name) }
        }
    }

    /// Sets a tag, whatever its value was.
    package func setTag(_ tag: Tag, on name: ModelName) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            try db.execute(RegisteredModelQueries.setTags([tag], on: try Self.key(of: name, on: db)))
        }
    }

    /// Removes a tag; one that is not there is fine.
    package func deleteTag(_ key: String, of name: ModelName) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            try db.execute(RegisteredModelQueries.deleteTag(key, of: try Self.key(of: name, on: db)))
        }
    }

    /// Points an alias at a version, wherever it pointed before.
    package func setAlias(
        _ alias: AliasName,
        of name: ModelName,
        to number: VersionNumber
    ) async throws(MartletError) {
        try alias.requireAssignable()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(number, of: name, on: db)
            try db.execute(RegisteredModelQueries.setAlias(alias, of: found.modelKey, to: found.key))
        }
    }

    /// Removes an alias; one that is not there is fine.
    package func deleteAlias(_ alias: AliasName, of name: ModelName) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            try db.execute(RegisteredModelQueries.deleteAlias(alias, of: try Self.key(of: name, on: db)))
        }
    }
}

extension RegisteredModelService {
    /// The key of a model that was not deleted.
    static func key(of name: ModelName, on db: any Connection) throws(MartletError) -> Int64 {
        guard let row = try db.queryOne(RegisteredModelQueries.find(name)) else { throw .modelNotFound(name) }
        return RegisteredModelQueries.decode(row).key
    }

    private static func find(_ name: ModelName, on db: any Connection) throws(MartletError) -> RegisteredModel {
        guard let row = try db.queryOne(RegisteredModelQueries.find(name)) else { throw .modelNotFound(name) }
        return try RegisteredModelLoader.load([RegisteredModelQueries.decode(row)], from: db)[0]
    }

    /// Says what a name is taken by, since clients tell models and prompts apart.
    private static func taken(
        _ name: ModelName,
        byPrompt isPrompt: Bool,
        on db: any Connection
    ) throws(MartletError) -> MartletError {
        guard try self.find(name, on: db).tags.markPrompt != isPrompt else {
            let kind = isPrompt ? "Prompt" : "Registered Model"
            return MartletError(.alreadyExists, "\(kind) (name=\(name)) already exists.")
        }
        let kinds = isPrompt ? (new: "prompt", old: "registered model") : (new: "registered model", old: "prompt")
        return MartletError(
            .alreadyExists,
            "Tried to create a \(kinds.new) with name '\(name)', but the name is already taken by a \(kinds.old). "
                + "MLflow does not allow creating a model and a prompt with the same name."
        )
    }
}

extension MartletError {
    static func modelNotFound(_ name: ModelName) -> MartletError {
        MartletError(.notFound, "Registered Model with name=\(name) not found")
    }

}
