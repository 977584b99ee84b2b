import MartletArtifacts
package import MartletBlobs
package import MartletCore
import MartletRegistry
package import MartletSQL
import MLflowFrontEnd
import MartletTracking

/// The domain over one database and one blob store: what every front end speaks for.
package struct Domain: Sendable {
    let mlflow: MLflowServices
    private let experiments: ExperimentService
    private let uploads: MultipartUploadService
    private let collector: BlobCollector
    private let database: any Database
    private let surroundings: Surroundings

    /// Every table of every module, in the order in which they refer to each other.
    private static let migrations = ArtifactMigrations.all + TrackingMigrations.all + RegistryMigrations.all

    package init(database: any Database, blobs: any BlobStore, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
        self.experiments = ExperimentService(database: database, surroundings: surroundings)
        let claims = BlobClaims()
        self.uploads = MultipartUploadService(
            database: database,
            blobs: blobs,
            claims: claims,
            surroundings: surroundings
        )
        self.collector = BlobCollector(database: database, blobs: blobs, claims: claims, surroundings: surroundings)
        self.mlflow = MLflowServices(
            experiments: self.experiments,
            runs: RunService(database: database, surroundings: surroundings),
            runSearch: RunSearchService(database: database),
            logging: LoggingService(database: database),
            histories: MetricHistoryService(database: database),
            inputs: InputService(database: database),
            loggedModels: LoggedModelService(database: database, surroundings: surroundings),
            registeredModels: RegisteredModelService(database: database, surroundings: surroundings),
            versions: ModelVersionService(database: database, surroundings: surroundings, sources: TrackedSources()),
            artifacts: ArtifactService(
                database: database,
                blobs: blobs,
                claims: claims,
                surroundings: surroundings
            ),
            uploads: self.uploads
        )
    }

    /// Brings the database up to date, makes what must always exist, and sweeps up what a crash left behind.
    ///
    /// To be called once, before the first request.
    package func prepare() async throws(MartletError) {
        try await Migrator(Self.migrations).apply(to: self.database, at: self.surroundings.now())
        try await self.experiments.prepare(artifactLocation: "\(MLflowFrontEnd.artifactRoot)\(ExperimentID.default)")
        try await self.uploads.removeLeftovers()
    }

    /// Removes what nobody needs any more, and returns how many files that were.
    ///
    /// To be called again and again while requests are answered.
    ///
    /// - Parameter isThorough: Whether to look for files that no row names, for which all of them must be listed.
    package func tidy(isThorough: Bool) async throws(MartletError) -> Int {
        if isThorough { _ = try await self.collector.condemnUnnamed() }
        try await self.uploads.forgetOld()
        return try await self.collector.collect()
    }

    /// Throws `conflict` when a database is not of this program's version, and changes nothing.
    static func requireCurrent(_ database: any Database) async throws(MartletError) {
        guard let missing = try await Migrator(self.migrations).pending(in: database).first else { return }
        throw MartletError(
            .conflict,
            "the data was written by an older version of Martlet (it lacks migration '\(missing)'); use that version, "
                + "or serve the data once with this one, which brings it up to date"
        )
    }
}
