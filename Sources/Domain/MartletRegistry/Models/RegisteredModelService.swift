package import MartletCore
import MartletJSON
import MartletLedger
package import MartletSearch
package import MartletSQL

/// The rules of registered models, their tags and their aliases.
package struct RegisteredModelService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings
    private let users: [any VersionUsers]

    /// - Parameter users: Asked before a model goes away with its versions.
    package init(database: any Database, surroundings: Surroundings, users: [any VersionUsers]) {
        self.database = database
        self.surroundings = surroundings
        self.users = users
    }

    /// Creates a model, or a prompt if the tags say so; the last of a repeated tag wins.
    ///
    /// - Throws: `alreadyExists` when a model of that name exists that was not deleted.
    package func create(
        named name: ModelName,
        description: String? = nil,
        tags: [Tag] = [],
        by act: Act
    ) async throws(MartletError) -> RegisteredModel {
        try Description.check(description)
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            guard try Self.insert(name, description: description, tags, by: act, at: now, on: db) else {
                throw try Self.taken(name, byPrompt: tags.markPrompt, on: db)
            }
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
    package func describe(
        _ name: ModelName,
        as text: String?,
        by act: Act
    ) async throws(MartletError) -> RegisteredModel {
        try Description.check(text)
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            try db.execute(RegisteredModelQueries.describe(name, as: text, at: now))
            let details = [CanonicalJSON.Member("description", text)]
            try Ledger.append(LedgerEvent(.describeModel, of: model, by: act, at: now, details: details), on: db)
            return try Self.find(name, on: db)
        }
    }

    /// Gives a model another name. Its versions, tags and aliases come along: they know it by its key.
    package func rename(
        _ name: ModelName,
        to newName: ModelName,
        by act: Act
    ) async throws(MartletError) -> RegisteredModel {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            do throws(MartletError) {
                try db.execute(RegisteredModelQueries.rename(name, to: newName, at: now))
            } catch {
                throw error.code == .alreadyExists ? .modelExists(newName) : error
            }
            try db.execute(RegisteredModelQueries.noteName(newName, of: model.key, at: now))
            let details = [CanonicalJSON.Member("newName", newName.rawValue)]
            try Ledger.append(LedgerEvent(.renameModel, of: model, by: act, at: now, details: details), on: db)
            return try Self.find(newName, on: db)
        }
    }

    /// Hides a model with all that belongs to it; its name may be used again.
    package func delete(_ name: ModelName, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            for user in self.users {
                guard let use = try user.use(ofModel: model.key, on: db) else { continue }
                throw MartletError(.conflict, "A version of '\(name)' serves in \(use).")
            }
            try db.execute(RegisteredModelQueries.delete(name, at: now))
            try Ledger.append(LedgerEvent(.deleteModel, of: model, by: act, at: now), on: db)
        }
    }

    /// Brings back the model of that name that was deleted last, with all that belongs to it.
    ///
    /// - Throws: `alreadyExists` when the name has been given to another one since.
    package func restore(_ name: ModelName, by act: Act) async throws(MartletError) -> RegisteredModel {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.findEvenDeleted(name, on: db)
            guard try db.queryOne(RegisteredModelQueries.find(name)) == nil else { throw .modelExists(name) }
            try db.execute(RegisteredModelQueries.restore(model.key, at: now))
            try Ledger.append(LedgerEvent(.restoreModel, of: model, by: act, at: now), on: db)
            return try Self.find(name, on: db)
        }
    }

    /// Sets a tag, whatever its value was.
    package func setTag(_ tag: Tag, on name: ModelName, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            try db.execute(RegisteredModelQueries.setTags([tag], on: model.key))
            try Ledger.append(LedgerEvent(.tagModel, of: model, by: act, at: now, details: .tag(tag)), on: db)
            try Announcement.tag(tag.key, setTo: tag.value, on: model, at: now, on: db)
        }
    }

    /// Removes a tag; one that is not there is fine.
    package func deleteTag(_ key: String, of name: ModelName, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            guard try db.execute(RegisteredModelQueries.deleteTag(key, of: model.key)) > 0 else { return }
            let details = [CanonicalJSON.Member("key", key)]
            try Ledger.append(LedgerEvent(.untagModel, of: model, by: act, at: now, details: details), on: db)
            try Announcement.tag(key, setTo: nil, on: model, at: now, on: db)
        }
    }
}

/// Aliases: names that move from version to version.
extension RegisteredModelService {
    /// Points an alias at a version, wherever it pointed before.
    package func setAlias(
        _ alias: AliasName,
        of name: ModelName,
        to number: VersionNumber,
        by act: Act
    ) async throws(MartletError) {
        try await self.setAlias(alias, of: name, to: .number(number), by: act)
    }

    /// Points an alias at the version that `selector` finds now.
    package func setAlias(
        _ alias: AliasName,
        of name: ModelName,
        to selector: VersionSelector,
        by act: Act
    ) async throws(MartletError) {
        try alias.requireAssignable()
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(selector, of: name, on: db)
            let previous = try db.queryOne(RegisteredModelQueries.alias(alias, of: found.modelKey))?.integer(0)
            try db.execute(RegisteredModelQueries.setAlias(alias, of: found.modelKey, to: found.key))
            let details = [
                CanonicalJSON.Member("alias", alias.rawValue),
                .init("previousVersion", previous.map(CanonicalJSON.init) ?? .null),
            ]
            try Ledger.append(LedgerEvent(.setAlias, of: found, by: act, at: now, details: details), on: db)
            let model = FoundModel(key: found.modelKey, name: name)
            try Announcement.alias(alias, setTo: found.version.number, on: model, at: now, on: db)
        }
    }

    /// Removes an alias; one that is not there is fine.
    package func deleteAlias(_ alias: AliasName, of name: ModelName, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            guard let previous = try db.queryOne(RegisteredModelQueries.alias(alias, of: model.key))?.integer(0) else {
                return
            }
            try db.execute(RegisteredModelQueries.deleteAlias(alias, of: model.key))
            let details = [CanonicalJSON.Member("alias", alias.rawValue)]
            let subject = LedgerEvent.Subject.version(previous, modelKey: model.key, model: name.rawValue)
            try Ledger.append(LedgerEvent(.deleteAlias, of: subject, by: act, at: now, details: details), on: db)
            try Announcement.alias(alias, setTo: nil, on: model, at: now, on: db)
        }
    }
}

extension RegisteredModelService {
    /// Creates a model unless there is one of that name, inside a transaction.
    static func ensure(
        _ name: ModelName,
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        _ = try self.insert(name, description: nil, [], by: act, at: now, on: db)
    }

    /// Returns whether the name was free.
    private static func insert(
        _ name: ModelName,
        description: String?,
        _ tags: [Tag],
        by act: Act,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> Bool {
        let statement = RegisteredModelQueries.insert(named: name, description: description, at: now)
        guard let row = try db.queryOne(statement) else { return false }
        let model = FoundModel(key: row.integer(0), name: name)
        try db.execute(RegisteredModelQueries.noteName(name, of: model.key, at: now))
        try db.execute(RegisteredModelQueries.setTags(tags, on: model.key))
        let members = tags.distinct.map { CanonicalJSON.Member($0.key, $0.value) }
        let details = [CanonicalJSON.Member("description", description), .init("tags", .object(members))]
        try Ledger.append(LedgerEvent(.createModel, of: model, by: act, at: now, details: details), on: db)
        try Announcement.creation(of: model, description: description, tags, at: now, on: db)
        return true
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

    fileprivate static func modelExists(_ name: ModelName) -> MartletError {
        MartletError(.alreadyExists, "Registered Model (name=\(name)) already exists.")
    }
}
