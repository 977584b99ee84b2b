package import MartletCore
package import MartletSQL

/// Follows models back to what they were made of, and datasets on to what was made of them.
package struct LineageService: Sendable {
    private static let versionsMax = 1_000

    private let database: any Database
    private let sources: any SourceDirectory

    package init(database: any Database, sources: any SourceDirectory) {
        self.database = database
        self.sources = sources
    }

    /// What went into a version, and where it is now.
    package func lineage(
        of version: VersionSelector,
        of name: ModelName
    ) async throws(MartletError) -> Lineage {
        try await self.database.read(.search) { db throws(MartletError) in
            let found = try FoundVersion.find(version, of: name, on: db)
            var lineage = Lineage()
            for row in try db.query(LineageQueries.datasets(of: found.key)) {
                Self.add(found.version, madeOf: .dataset(row.text(0), row.text(1)), row.text(2), to: &lineage)
            }
            Self.add(found.version, to: &lineage)
            if let row = try db.queryOne(ModelVersionQueries.original(of: found.key)) {
                let original = ModelVersionQueries.decode(row).version
                lineage.add(from: .version(original), to: .version(found.version), "copied")
            }
            return lineage
        }
    }

    /// What came from a dataset: runs that read it, versions that they made, and where those are now.
    ///
    /// - Parameter dataset: Its name, for all of its versions, or a digest.
    package func descendants(ofDataset dataset: String) async throws(MartletError) -> Lineage {
        let sources = self.sources
        return try await self.database.read(.search) { db throws(MartletError) in
            var lineage = Lineage()
            for use in try sources.runs(reading: dataset, limit: Self.versionsMax, on: db) {
                lineage.add(from: .dataset(use.name, use.digest), to: .run(use.runID), Self.label(use.context))
            }
            for row in try db.query(LineageQueries.versions(madeOf: dataset, limit: Self.versionsMax)) {
                let node = Lineage.Node.dataset(row.text(1), row.text(2))
                guard let version = try Self.version(row.integer(0), on: db) else { continue }
                Self.add(version, madeOf: node, row.text(3), to: &lineage)
                Self.add(version, to: &lineage)
            }
            guard !lineage.nodes.isEmpty else {
                throw MartletError(.notFound, "No run and no version names a dataset '\(dataset)'.")
            }
            return lineage
        }
    }

    private static func version(_ key: Int64, on db: any Connection) throws(MartletError) -> ModelVersion? {
        try db.queryOne(ModelVersionQueries.find(key: key)).map { ModelVersionQueries.decode($0).version }
    }

    /// A version, what made it, and where it is.
    private static func add(_ version: ModelVersion, to lineage: inout Lineage) {
        if let run = version.runID {
            if let model = version.loggedModelID {
                lineage.add(from: .run(run), to: .loggedModel(model), "logged")
                lineage.add(from: .loggedModel(model), to: .version(version), "registered")
            } else {
                lineage.add(from: .run(run), to: .version(version), "registered")
            }
        }
        lineage.add(from: .version(version), to: .stage(of: version), "in")
    }

    /// A dataset leads to a version through its run, if it has one.
    private static func add(
        _ version: ModelVersion,
        madeOf dataset: Lineage.Node,
        _ context: String,
        to lineage: inout Lineage
    ) {
        let next = version.runID.map(Lineage.Node.run) ?? .version(version)
        lineage.add(from: dataset, to: next, self.label(context))
    }

    private static func label(_ context: String) -> String { context.isEmpty ? "read" : context }
}
