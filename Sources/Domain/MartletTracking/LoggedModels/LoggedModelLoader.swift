import MartletCore
import MartletSQL

/// Completes models with what was logged of them: one query for each kind of thing, however many models.
enum LoggedModelLoader {
    /// Returns the models in the order in which they were found.
    static func load(
        _ found: [(key: Int64, info: LoggedModel.Info)],
        from db: any Connection
    ) throws(MartletError) -> [LoggedModel] {
        guard !found.isEmpty else { return [] }
        var models = found.map { LoggedModel(info: $0.info) }
        let keys = found.map(\.key)
        let positions = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
        for row in try db.query(LoggedModelQueries.params(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            models[position].params.append(Param(key: row.text(1), value: row.text(2)))
        }
        for row in try db.query(LoggedModelQueries.tags(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            models[position].tags.append(Tag(key: row.text(1), value: row.text(2)))
        }
        for row in try db.query(LoggedModelQueries.metrics(of: keys)) {
            guard let position = positions[row.integer(0)] else { continue }
            models[position].metrics.append(LoggedModelQueries.decodeMetric(row))
        }
        return models
    }
}
