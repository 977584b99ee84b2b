import MartletCore
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
        _ = try RegisteredModelService.key(of: name, on: db)
        throw alias.meansLatest
            ? MartletError(.notFound, "Latest version not found for model \(name).")
            : .invalid("Registered model alias \(alias) not found.")
    }

    static func find(_ reference: VersionReference, on db: any Connection) throws(MartletError) -> FoundVersion {
        switch reference.selector {
        case .number(let number): return try self.find(number, of: reference.name, on: db)
        case .alias(let alias): return try self.find(alias, of: reference.name, on: db)
        case .stage(let stage):
            let modelKey = try RegisteredModelService.key(of: reference.name, on: db)
            guard let row = try db.queryOne(ModelVersionQueries.latest(of: [modelKey], in: [stage])) else {
                throw MartletError(
                    .notFound,
                    "No versions of model with name '\(reference.name)' and stage '\(stage.mlflowName)' found"
                )
            }
            return ModelVersionQueries.decode(row)
        }
    }
}
