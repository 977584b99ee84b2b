package import MartletCore
package import MartletSQL
package import MartletTracking

/// The services of the domain over one database: what every front end speaks for.
package struct Domain: Sendable {
    package let experiments: ExperimentService
    package let runs: RunService
    package let runSearch: RunSearchService
    package let logging: LoggingService
    package let histories: MetricHistoryService
    package let inputs: InputService

    /// Every table of every module, in the order in which they refer to each other.
    package static let migrations: [Migration] = TrackingMigrations.all

    package init(database: any Database, surroundings: Surroundings) {
        self.experiments = ExperimentService(database: database, surroundings: surroundings)
        self.runs = RunService(database: database, surroundings: surroundings)
        self.runSearch = RunSearchService(database: database)
        self.logging = LoggingService(database: database)
        self.histories = MetricHistoryService(database: database)
        self.inputs = InputService(database: database)
    }

    /// Brings the database up to date and makes what must always exist.
    package func prepare(
        _ database: any Database,
        artifactRoot: String,
        at now: Timestamp
    ) async throws(MartletError) {
        try await Migrator(Self.migrations).apply(to: database, at: now)
        try await self.experiments.prepare(artifactLocation: "\(artifactRoot)\(ExperimentID.default)")
    }
}
