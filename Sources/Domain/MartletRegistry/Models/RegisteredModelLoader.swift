import MartletCore
import MartletSQL

/// Completes models with their tags, aliases and latest versions: one query for each kind of thing,
/// however many models.
enum RegisteredModelLoader {
    static func load(
        _ found: [(key: Int64, model: RegisteredModel)],
        from db: any Connection
    ) throws(MartletError) -> [RegisteredModel] {
        guard !found.isEmpty else { return [] }
        var models = found.map(\.model)
        let keys = found.map(\.key)
        let positions = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
        for row in try db.query(RegisteredModelQueries.tags(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            models[position].tags.append(Tag(key: row.text(1), value: row.text(2)))
        }
        for row in try db.query(RegisteredModelQueries.aliases(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            let alias = RegisteredModel.Alias(
                name: AliasName(trusted: row.text(1)),
                version: VersionNumber(row.integer(2))
            )
            models[position].aliases.append(alias)
        }
        let latest = try db.query(ModelVersionQueries.latest(of: keys, in: Stage.allCases))
            .map(ModelVersionQueries.decode)
        for (found, version) in zip(latest, try ModelVersionLoader.load(latest, from: db)) {
            guard let position = positions[found.modelKey] else { continue }
            models[position].latestVersions.append(version)
        }
        return models
    }
}
