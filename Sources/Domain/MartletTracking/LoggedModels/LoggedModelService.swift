package import MartletCore
package import MartletSearch
package import MartletSQL

/// The rules of logged models.
///
/// A deleted model is hidden from searches, and from those who do not ask for it; it can still be
/// written to, because the upload that it belongs to may not have ended yet.
package struct LoggedModelService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Creates a model whose files are still to come.
    ///
    /// - Throws: `notFound` for an unknown experiment; `invalidArgument` for a deleted one and for a param
    ///   that is given twice.
    package func create(_ model: NewLoggedModel) async throws(MartletError) -> LoggedModel {
        let id = LoggedModelID(trusted: "m-\(self.surroundings.randomIdentifier())")
        let now = self.surroundings.now()
        return try await self.database.write(.only(.loggedModel(id))) { db throws(MartletError) in
            let experiment = try ExperimentService.find(model.experimentID, on: db)
            try ExperimentService.requireActive(experiment)
            try Self.refuseRepeated(model.params, of: id, present: [])
            let artifactURI = "\(experiment.artifactLocation)/models/\(id)/artifacts"
            let insert = LoggedModelQueries.insert(model, id: id, artifactURI: artifactURI, at: now)
            guard let row = try db.queryOne(insert) else {
                throw MartletError(.internal, "the database gave no model key")
            }
            try db.execute(LoggedModelQueries.insertParams(model.params, of: row.integer(0)))
            try db.execute(LoggedModelQueries.setTags(model.tags, on: row.integer(0)))
            return try Self.find(id, on: db)
        }
    }

    /// Returns a model with everything that was logged of it.
    ///
    /// - Parameter allowDeleted: Whether a deleted one is returned too.
    package func model(_ id: LoggedModelID, allowDeleted: Bool = false) async throws(MartletError) -> LoggedModel {
        try await self.database.read { db throws(MartletError) in
            let model = try Self.find(id, on: db)
            guard allowDeleted || !model.info.isDeleted else { throw .loggedModelNotFound(id) }
            return model
        }
    }

    /// Returns a page of models with what was logged of them. Deleted ones are not found.
    ///
    /// - Throws: `invalidArgument` when the query's position does not fit its order.
    package func search(_ query: LoggedModelQuery) async throws(MartletError) -> Page<LoggedModel> {
        guard !query.experiments.isEmpty else { return Page(items: [], next: nil) }
        let keyset = query.keyset
        return try await self.database.read(.search) { db throws(MartletError) in
            let rows = try db.query(try LoggedModelQueries.search(query))
            let shown = rows.prefix(query.limit)
            let next = rows.count > query.limit ? shown.last.map { keyset.position(of: $0) } : nil
            return Page(items: try LoggedModelLoader.load(shown.map(LoggedModelQueries.decode), from: db), next: next)
        }
    }

    /// Says how the upload of a model's files has ended.
    package func finalize(_ id: LoggedModelID, _ status: LoggedModel.Status) async throws(MartletError) -> LoggedModel {
        let now = self.surroundings.now()
        return try await self.database.write(.only(.loggedModel(id))) { db throws(MartletError) in
            try db.execute(LoggedModelQueries.setStatus(status, of: try Self.key(of: id, on: db), at: now))
            return try Self.find(id, on: db)
        }
    }

    /// Hides a model. Hiding it again changes nothing.
    package func delete(_ id: LoggedModelID) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write(.only(.loggedModel(id))) { db throws(MartletError) in
            try db.execute(LoggedModelQueries.setDeleted(try Self.key(of: id, on: db), at: now))
        }
    }

    /// Sets tags; the last of a repeated key wins.
    package func setTags(_ tags: [Tag], on id: LoggedModelID) async throws(MartletError) {
        try await self.database.write(.only(.loggedModel(id))) { db throws(MartletError) in
            try db.execute(LoggedModelQueries.setTags(tags, on: try Self.key(of: id, on: db)))
        }
    }

    /// Removes a tag.
    ///
    /// - Throws: `notFound` when the model has no such tag.
    package func deleteTag(_ key: String, of id: LoggedModelID) async throws(MartletError) {
        try await self.database.write(.only(.loggedModel(id))) { db throws(MartletError) in
            let model = try Self.key(of: id, on: db)
            guard try db.execute(LoggedModelQueries.deleteTag(key, of: model)) > 0 else {
                throw MartletError(.notFound, "No tag with key '\(key)' found for model with ID '\(id)'.")
            }
        }
    }

    /// Adds params, all or none of them.
    ///
    /// - Throws: `invalidArgument` for a param that the model has already, whatever its value.
    package func log(_ params: [Param], on id: LoggedModelID) async throws(MartletError) {
        try await self.database.write(.only(.loggedModel(id))) { db throws(MartletError) in
            let model = try Self.key(of: id, on: db)
            let present = Set(try db.query(LoggedModelQueries.params(of: [model])).map { $0.text(1) })
            try Self.refuseRepeated(params, of: id, present: present)
            try db.execute(LoggedModelQueries.insertParams(params, of: model))
        }
    }
}

extension LoggedModelService {
    /// Finds a model in the transaction of another domain; `nil` when there is none or it was deleted.
    package static func info(
        of id: LoggedModelID,
        on db: any Connection
    ) throws(MartletError) -> LoggedModel.Info? {
        guard let row = try db.queryOne(LoggedModelQueries.find(id)) else { return nil }
        let info = LoggedModelQueries.decode(row).info
        return info.isDeleted ? nil : info
    }

    /// A model with everything that was logged of it, active or deleted, in the transaction of another domain.
    package static func model(_ id: LoggedModelID, on db: any Connection) throws(MartletError) -> LoggedModel? {
        guard let row = try db.queryOne(LoggedModelQueries.find(id)) else { return nil }
        return try LoggedModelLoader.load([LoggedModelQueries.decode(row)], from: db)[0]
    }

    /// What was logged of a model, active or deleted, in the transaction of another domain; nothing of an unknown one.
    ///
    /// - Parameter names: Of the only metrics that are wanted; `nil` for all.
    package static func metrics(
        of id: LoggedModelID,
        named names: Set<String>?,
        on db: any Connection
    ) throws(MartletError) -> [LoggedModelMetric] {
        guard let row = try db.queryOne(LoggedModelQueries.find(id)) else { return [] }
        let key = LoggedModelQueries.decode(row).key
        return try db.query(LoggedModelQueries.metrics(of: [key], named: names)).map(LoggedModelQueries.decodeMetric)
    }

    /// Computes a tag's new value from its present one, in the transaction of another domain.
    package static func updateTag(
        _ key: String,
        of id: LoggedModelID,
        on db: any Connection,
        _ change: (String?) throws(MartletError) -> String
    ) throws(MartletError) {
        let model = try self.key(of: id, on: db)
        let present = try db.queryOne(LoggedModelQueries.tag(key, of: model))?.text(0)
        try db.execute(LoggedModelQueries.setTags([Tag(key: key, value: try change(present))], on: model))
    }

    /// Finds a model, active or deleted, inside a transaction that is about to change it.
    ///
    /// - Throws: `notFound` in the words that every client of ours knows.
    static func key(of id: LoggedModelID, on db: any Connection) throws(MartletError) -> Int64 {
        guard let row = try db.queryOne(LoggedModelQueries.findKey(id)) else { throw .loggedModelNotFound(id) }
        return row.integer(0)
    }

    private static func find(_ id: LoggedModelID, on db: any Connection) throws(MartletError) -> LoggedModel {
        guard let row = try db.queryOne(LoggedModelQueries.find(id)) else { throw .loggedModelNotFound(id) }
        return try LoggedModelLoader.load([LoggedModelQueries.decode(row)], from: db)[0]
    }

    private static func refuseRepeated(
        _ params: [Param],
        of id: LoggedModelID,
        present: Set<String>
    ) throws(MartletError) {
        var seen = Set(present.map(ExactText.init))
        for param in params where !seen.insert(ExactText(param.key)).inserted {
            throw .invalid(
                "Changing param values is not allowed. Param with key='\(param.key)' was already logged "
                    + "for model ID='\(id)'."
            )
        }
    }
}

extension WriteKey {
    /// A model with its params and tags. Its metrics belong to the runs that log them, and are only ever added.
    fileprivate static func loggedModel(_ id: LoggedModelID) -> WriteKey { WriteKey("logged model", id.rawValue) }
}

extension MartletError {
    /// The refusal of a model that does not exist, or is hidden from who asks.
    fileprivate static func loggedModelNotFound(_ id: LoggedModelID) -> MartletError {
        MartletError(.notFound, "Logged model with ID '\(id)' not found.")
    }
}
