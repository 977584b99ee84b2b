package import MartletCore
package import MartletSQL

/// The rules of a run's life: it is created, changed, hidden and shown.
package struct RunService: Sendable {
    /// The tag that mirrors a run's name, because clients read either.
    package static let nameTag = "mlflow.runName"

    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    package func create(_ run: NewRun) async throws(MartletError) -> Run {
        let id = RunID(trusted: self.surroundings.randomIdentifier())
        return try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            guard let row = try db.queryOne(RunQueries.insert(run, id: id)) else {
                try ExperimentService.requireActive(try ExperimentService.find(run.experimentID, on: db))
                throw MartletError(.internal, "the database gave no run key")
            }
            try db.executeLater(RunQueries.setTags(run.tags, on: row.integer(0)))
            return Run(new: run, id: id, artifactURI: row.text(1))
        }
    }

    /// Returns a run with everything that it logged, also a deleted one.
    package func run(_ id: RunID) async throws(MartletError) -> Run {
        try await self.database.read { db throws(MartletError) in
            guard let run = try Self.run(id, on: db) else { throw .runNotFound(id) }
            return run
        }
    }

    /// Returns what is known of a run without what it logged, also of a deleted one.
    package func info(_ id: RunID) async throws(MartletError) -> Run.Info {
        try await self.database.read { db throws(MartletError) in
            guard let info = try Self.info(of: id, on: db) else { throw .runNotFound(id) }
            return info
        }
    }

    package func update(_ id: RunID, _ change: RunChange) async throws(MartletError) -> Run.Info {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let handle = try RunHandle.findActive(id, on: db)
            try Self.apply(change, to: handle, on: db)
            guard let row = try db.queryOne(RunQueries.find(id)) else { throw .runNotFound(id) }
            return RunQueries.decode(row).info
        }
    }

    /// Hides a run. Hiding it again changes nothing.
    package func delete(_ id: RunID) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let (handle, isDeleted) = try RunHandle.find(id, on: db)
            if !isDeleted { try db.execute(RunQueries.setDeleted(now, handle.key)) }
        }
    }

    package func restore(_ id: RunID) async throws(MartletError) {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            try db.execute(RunQueries.setDeleted(nil, try RunHandle.find(id, on: db).handle.key))
        }
    }

    /// Sets a tag. Setting ``nameTag`` renames the run.
    package func setTag(_ tag: Tag, on id: RunID) async throws(MartletError) {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            try Self.setTags([tag], on: try RunHandle.findActive(id, on: db), db)
        }
    }

    package func deleteTag(_ key: String, of id: RunID) async throws(MartletError) {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let handle = try RunHandle.findActive(id, on: db)
            guard try db.execute(RunQueries.deleteTag(key, of: handle.key)) > 0 else {
                throw MartletError(.notFound, "No tag with name: \(key) in run with id \(id)")
            }
        }
    }

    /// Computes a tag's new value from its present one, with nothing in between.
    package func updateTag(
        _ key: String,
        of id: RunID,
        _ change: @escaping @Sendable (String?) -> String
    ) async throws(MartletError) {
        try await self.database.write(.only(.run(id))) { db throws(MartletError) in
            let handle = try RunHandle.findActive(id, on: db)
            let present = try db.queryOne(RunQueries.tag(key, of: handle.key))?.text(0)
            try db.executeLater(RunQueries.setTags([Tag(key: key, value: change(present))], on: handle.key))
        }
    }
}

extension RunService {
    /// What is known of a run, active or deleted, in the transaction of another domain.
    package static func info(of id: RunID, on db: any Connection) throws(MartletError) -> Run.Info? {
        try db.queryOne(RunQueries.find(id)).map { RunQueries.decode($0).info }
    }

    /// A run with everything that it logged, active or deleted, in the transaction of another domain.
    package static func run(_ id: RunID, on db: any Connection) throws(MartletError) -> Run? {
        guard let row = try db.queryOne(RunQueries.find(id)) else { return nil }
        return try RunLoader.load([RunQueries.decode(row)], from: db)[0]
    }

    private static func apply(_ change: RunChange, to run: RunHandle, on db: any Connection) throws(MartletError) {
        try db.execute(RunQueries.update(run.key, change))
        if let name = change.name {
            try db.execute(RunQueries.setTags([Tag(key: self.nameTag, value: name)], on: run.key))
        }
    }

    /// Sets tags inside a transaction; the last of a repeated key wins.
    static func setTags(_ tags: [Tag], on run: RunHandle, _ db: any Connection) throws(MartletError) {
        try db.executeLater(RunQueries.setTags(tags, on: run.key))
        if let name = tags.last(where: { $0.key == self.nameTag && !$0.value.isEmpty })?.value {
            try db.execute(RunQueries.update(run.key, RunChange(name: name)))
        }
    }
}

extension Run {
    fileprivate init(new run: NewRun, id: RunID, artifactURI: String) {
        self.init(
            info: Info(
                id: id,
                experimentID: run.experimentID,
                name: run.name,
                userName: run.userName,
                status: .running,
                startedAt: run.startedAt,
                endedAt: nil,
                artifactURI: artifactURI,
                isDeleted: false
            )
        )
        self.tags = run.tags
    }
}
