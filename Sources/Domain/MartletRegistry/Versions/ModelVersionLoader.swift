import MartletCore
import MartletSQL

/// Completes versions with their tags and, where wanted, their aliases.
enum ModelVersionLoader {
    static func load(
        _ found: [FoundVersion],
        withAliases: Bool = false,
        from db: any Connection
    ) throws(MartletError) -> [ModelVersion] {
        guard !found.isEmpty else { return [] }
        var versions = found.map(\.version)
        let keys = found.map(\.key)
        let positions = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
        for row in try db.query(ModelVersionQueries.tags(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            versions[position].tags.append(Tag(key: row.text(1), value: row.text(2)))
        }
        guard withAliases else { return versions }
        for row in try db.query(ModelVersionQueries.aliases(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            versions[position].aliases.append(AliasName(trusted: row.text(1)))
        }
        return versions
    }
}
