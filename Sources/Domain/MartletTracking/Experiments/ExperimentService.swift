package import MartletCore
package import MartletSearch
package import MartletSQL

/// The rules of experiments.
package struct ExperimentService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Makes sure that experiment 0 exists, as every client expects.
    package func prepare(artifactLocation: String) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            try db.execute(ExperimentQueries.insertDefault(artifactLocation: artifactLocation, at: now))
        }
    }

    /// Creates an experiment.
    ///
    /// - Parameter artifactLocation: Receives the new id, because the default location contains it.
    /// - Throws: `alreadyExists`, also when an experiment of that name was deleted.
    package func create(
        named name: String,
        tags: [Tag],
        artifactLocation: @escaping @Sendable (ExperimentID) -> String
    ) async throws(MartletError) -> ExperimentID {
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            try Self.refuseTaken(name, on: db)
            guard let row = try db.queryOne(ExperimentQueries.insert(name: name, at: now)) else {
                throw MartletError(.internal, "the database gave no experiment id")
            }
            let id = ExperimentID(row.integer(0))
            try db.execute(ExperimentQueries.setArtifactLocation(artifactLocation(id), of: id))
            for tag in tags {
                try db.execute(ExperimentQueries.setTag(tag, on: id))
            }
            return id
        }
    }

    /// Returns an experiment, also a deleted one.
    package func experiment(_ id: ExperimentID) async throws(MartletError) -> Experiment {
        try await self.database.read { db throws(MartletError) in
            guard let row = try db.queryOne(ExperimentQueries.find(id)) else { throw Self.notFound(id) }
            return try Self.withTags([ExperimentQueries.decode(row)], from: db)[0]
        }
    }

    /// Returns an experiment, also a deleted one.
    package func experiment(named name: String) async throws(MartletError) -> Experiment {
        try await self.database.read { db throws(MartletError) in
            guard let row = try db.queryOne(ExperimentQueries.find(named: name)) else {
                throw MartletError(.notFound, "Could not find experiment with name '\(name)'")
            }
            return try Self.withTags([ExperimentQueries.decode(row)], from: db)[0]
        }
    }

    package func search(_ query: ExperimentQuery) async throws(MartletError) -> Page<Experiment> {
        return try await self.database.read(.search) { db throws(MartletError) in
            let rows = try db.query(try ExperimentQueries.search(query))
            let shown = rows.prefix(query.limit)
            let next = rows.count > query.limit ? shown.last.map { query.keyset.position(of: $0) } : nil
            return Page(items: try Self.withTags(shown.map(ExperimentQueries.decode), from: db), next: next)
        }
    }

    package func rename(_ id: ExperimentID, to name: String) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let experiment = try Self.find(id, on: db)
            guard !experiment.isDeleted else {
                throw MartletError(.conflict, "Cannot rename a non-active experiment.")
            }
            if !experiment.name.utf8.elementsEqual(name.utf8) { try Self.refuseTaken(name, on: db) }
            try db.execute(ExperimentQueries.rename(id, to: name, at: now))
        }
    }

    /// Hides an experiment and all its runs.
    package func delete(_ id: ExperimentID) async throws(MartletError) {
        try await self.setDeleted(true, id)
    }

    /// Shows an experiment and all its runs again.
    package func restore(_ id: ExperimentID) async throws(MartletError) {
        try await self.setDeleted(false, id)
    }

    package func setTag(_ tag: Tag, on id: ExperimentID) async throws(MartletError) {
        // One row, of an experiment that is changed by writes of everything only.
        try await self.database.write(.only(WriteKey("experiment", "\(id)"))) { db throws(MartletError) in
            try Self.requireActive(try Self.find(id, on: db))
            try db.execute(ExperimentQueries.setTag(tag, on: id))
        }
    }

    package func deleteTag(_ key: String, of id: ExperimentID) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            try Self.requireActive(try Self.find(id, on: db))
            guard try db.execute(ExperimentQueries.deleteTag(key, of: id)) > 0 else {
                throw MartletError(.notFound, "No tag with name: \(key) in experiment with id \(id)")
            }
        }
    }
}

extension ExperimentService {
    static func find(_ id: ExperimentID, on db: any Connection) throws(MartletError) -> Experiment {
        guard let row = try db.queryOne(ExperimentQueries.find(id)) else { throw self.notFound(id) }
        return ExperimentQueries.decode(row)
    }

    static func requireActive(_ experiment: Experiment) throws(MartletError) {
        guard !experiment.isDeleted else {
            throw .invalid(
                "The experiment \(experiment.id) must be in the 'active' state. Current state is deleted."
            )
        }
    }

    private static func notFound(_ id: ExperimentID) -> MartletError {
        MartletError(.notFound, "No Experiment with id=\(id) exists")
    }

    private static func refuseTaken(_ name: String, on db: any Connection) throws(MartletError) {
        guard let row = try db.queryOne(ExperimentQueries.find(named: name)) else { return }
        let hint = ExperimentQueries.decode(row).isDeleted ? " It is deleted; restore it or choose another name." : ""
        throw MartletError(.alreadyExists, "Experiment(name=\(name)) already exists.\(hint)")
    }

    private func setDeleted(_ isDeleted: Bool, _ id: ExperimentID) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            guard try db.execute(ExperimentQueries.setDeleted(isDeleted, id, at: now)) > 0 else {
                throw Self.notFound(id)
            }
            try db.execute(RunQueries.setDeleted(isDeleted, allOf: id, at: now))
        }
    }

    private static func withTags(
        _ experiments: [Experiment],
        from db: any Connection
    ) throws(MartletError) -> [Experiment] {
        var tags: [ExperimentID: [Tag]] = [:]
        for row in try db.query(ExperimentQueries.tags(of: experiments.map(\.id))) {
            tags[ExperimentID(row.integer(0)), default: []].append(Tag(key: row.text(1), value: row.text(2)))
        }
        return experiments.map { experiment in
            var experiment = experiment
            experiment.tags = tags[experiment.id] ?? []
            return experiment
        }
    }
}
