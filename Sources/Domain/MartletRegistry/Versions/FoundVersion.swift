import MartletCore
import MartletLedger
import MartletSQL

/// A version that nobody has deleted, and what its rows are found by.
struct FoundVersion {
    let key: Int64
    let modelKey: Int64
    /// Without tags and aliases; see ``ModelVersionLoader``.
    let version: ModelVersion

    /// - Throws: `notFound` in the words that every client of ours knows.
    static func find(
        _ number: VersionNumber,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        guard let row = try db.queryOne(ModelVersionQueries.find(number, of: name)) else {
            throw MartletError(.notFound, "Model Version (name=\(name), version=\(number)) not found")
        }
        return ModelVersionQueries.decode(row)
    }

    /// Finds a version that may be deleted, alone or with its model, or purged.
    static func findEvenDeleted(
        _ number: VersionNumber,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        let model = try FoundModel.findEvenDeleted(name, on: db)
        guard let row = try db.queryOne(ModelVersionQueries.findEvenDeleted(number, of: model.key)) else {
            throw MartletError(.notFound, "Model Version (name=\(name), version=\(number)) not found")
        }
        return ModelVersionQueries.decode(row)
    }

    /// - Throws: `invalidArgument` when the model has no such alias, as MLflow does; `notFound` when there is
    ///   no such model.
    static func find(
        _ alias: AliasName,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        let statement =
            alias.meansLatest
            ? ModelVersionQueries.newest(of: name) : ModelVersionQueries.find(alias, of: name)
        if let row = try db.queryOne(statement) { return ModelVersionQueries.decode(row) }
        _ = try FoundModel.find(name, on: db)
        throw alias.meansLatest
            ? MartletError(.notFound, "Latest version not found for model \(name).")
            : .invalid("Registered model alias \(alias) not found.")
    }

    static func find(_ reference: VersionReference, on db: any Connection) throws(MartletError) -> FoundVersion {
        switch reference.selector {
        case .number(let number): return try self.find(number, of: reference.name, on: db)
        case .alias(let alias): return try self.find(alias, of: reference.name, on: db)
        case .stage(let stage): return try self.find(stage, of: reference.name, on: db)
        }
    }

    /// Finds a version by any of its names.
    ///
    /// - Throws: `notFound` when there is none.
    static func find(
        _ selector: VersionSelector,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        switch selector {
        case .number(let number): return try self.find(number, of: name, on: db)
        case .semantic(let range): return try self.find(range, of: name, on: db)
        case .digest(let digest):
            if let row = try db.queryOne(ModelVersionQueries.find(digest, of: name)) {
                return ModelVersionQueries.decode(row)
            }
            _ = try FoundModel.find(name, on: db)
            throw MartletError(.notFound, "Model '\(name)' has no version with the digest \(digest).")
        case .name(let text):
            let alias = AliasName(trusted: text)
            if alias.meansLatest { return try self.find(alias, of: name, on: db) }
            // A stage comes first: an alias of its name must not pass for what is in production.
            let model = try FoundModel.find(name, on: db)
            let stage = StageName(trusted: text.lowercased())
            let isStage = try Policy.find(of: model.key, on: db).machine.states.contains { $0.name == stage }
            let statement =
                isStage ? ModelVersionQueries.newest(in: stage, of: name) : ModelVersionQueries.find(alias, of: name)
            if let row = try db.queryOne(statement) { return ModelVersionQueries.decode(row) }
            throw MartletError(
                .notFound,
                isStage
                    ? "No version of '\(name)' is in '\(stage)'." : "Model '\(name)' has no alias or stage '\(text)'."
            )
        }
    }

    /// Finds the highest semantic version of a range.
    static func find(
        _ range: VersionRange,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        if let row = try db.queryOne(ModelVersionQueries.newest(in: range, of: name)) {
            return ModelVersionQueries.decode(row)
        }
        _ = try FoundModel.find(name, on: db)
        throw MartletError(.notFound, "Model '\(name)' has no version \(range).")
    }

    private static func find(
        _ stage: Stage,
        of name: ModelName,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        let model = try FoundModel.find(name, on: db)
        guard let row = try db.queryOne(ModelVersionQueries.latest(of: [model.key], in: [stage])) else {
            throw MartletError(
                .notFound,
                "No versions of model with name '\(name)' and stage '\(stage.mlflowName)' found"
            )
        }
        return ModelVersionQueries.decode(row)
    }

    /// Whether nobody has moved it since it was registered.
    func isFresh(on db: any Connection) throws(MartletError) -> Bool {
        guard self.version.stage == .candidate else { return false }
        guard self.version.revision >= 0 else { return true }
        return try Ledger.reading(self.version.revision, on: db)?.action == .registerVersion
    }
}
