import MartletArtifacts
package import MartletDeployments
package import MartletBlobs
package import MartletCore
import MartletEvents
package import MartletJournal
import MartletLedger
package import MartletProofs
import MartletRegistry
package import MartletSQL
import MLflowFrontEnd
import NativeFrontEnd
import MartletTracking

/// The domain over one database and one blob store: what every front end speaks for.
package struct Domain: Sendable {
    /// Returns the key of the ledger that has a name; told whether there should be one, because it was signed before.
    package typealias LedgerKey = @Sendable (_ name: String, _ isSigned: Bool) throws(MartletError) -> NoteSigner

    let mlflow: MLflowServices
    let native: NativeServices
    let ledger: LedgerService
    let routes: RouteTable
    let logs: GatewayLogs
    let traffic: TrafficService
    let watcher: Watcher
    private let comparisons: DeploymentExperimentService
    let backends: BackendAddresses
    let effects: EffectLog
    let surroundings: Surroundings
    /// Sends what is due to be delivered.
    let dispatcher: DeliveryDispatcher
    private let deliveries: DeliveryService
    private let experiments: ExperimentService
    private let uploads: MultipartUploadService
    private let collector: BlobCollector
    private let tensors: TensorIndexer
    private let database: any Database
    /// Whose decisions are sealed together.
    let period: SealingPeriod

    /// Every table of every module, in the order in which they refer to each other.
    private static let migrations =
        ArtifactMigrations.all + TrackingMigrations.all + LedgerMigrations.all + RegistryMigrations.all
        + DeploymentMigrations.all + EventMigrations.all + CopyMigrations.all

    /// Brings the database up to date, makes what must always exist, and sweeps up what a crash left behind.
    ///
    /// - Parameters:
    ///   - journal: Where records of decisions are until they are in the database; `nil` where others share that.
    ///   - backends: Where versions answer that have no URL.
    ///   - isShared: Whether there may be other servers on the database.
    ///   - period: Whose decisions are sealed together.
    ///   - ledgerKey: Asked once, with the name that the ledger has or is about to get.
    /// - Throws: Also `conflict` when the blobs are another ledger's.
    package static func open(
        database: any Database,
        journal: JournalFiles? = nil,
        blobs: any BlobStore,
        surroundings: Surroundings,
        webhooks: Webhooks,
        backends: BackendAddresses = BackendAddresses(),
        isShared: Bool = false,
        period: SealingPeriod = SealingPeriod(ServerSettings.defaultDecisionPeriod),
        ledgerKey: LedgerKey
    ) async throws(MartletError) -> Domain {
        try await self.migrate(database, at: surroundings.now())
        try await CopyMark.requireNone(in: database)
        let proposal = "martlet-\(surroundings.randomIdentifier().prefix(16))"
        let name = try await LedgerService.origin(in: database, orElse: proposal)
        try await blobs.dedicate(to: name)
        let key = try ledgerKey(name, try await LedgerService.hasKey(in: database))
        let ledger = LedgerService(database: database, surroundings: surroundings, signer: key)
        try await ledger.registerKey()
        let events = Events(database, surroundings, webhooks, ledgerKey: key)
        let domain = Domain(
            database: database,
            journal: journal,
            blobs: blobs,
            surroundings: surroundings,
            ledger: ledger,
            events: events,
            backends: backends,
            isShared: isShared,
            period: period
        )
        try await domain.experiments.prepare(
            artifactLocation: "\(MLflowFrontEnd.artifactRoot)\(ExperimentID.default)"
        )
        try await domain.uploads.removeLeftovers()
        try await domain.logs.decisions.recover()
        _ = try await PastRecording(database: database, surroundings: surroundings).run()
        return domain
    }

    private init(
        database: any Database,
        journal: JournalFiles?,
        blobs: any BlobStore,
        surroundings: Surroundings,
        ledger: LedgerService,
        events: Events,
        backends: BackendAddresses,
        isShared: Bool,
        period: SealingPeriod
    ) {
        self.database = database
        self.period = period
        self.surroundings = surroundings
        self.ledger = ledger
        self.dispatcher = events.dispatcher
        self.deliveries = events.deliveries
        self.experiments = ExperimentService(database: database, surroundings: surroundings)
        let claims = BlobClaims(database: database, blobs: blobs, surroundings: surroundings)
        self.uploads =
            MultipartUploadService(database: database, blobs: blobs, claims: claims, surroundings: surroundings)
        self.collector = BlobCollector(database: database, blobs: blobs, claims: claims, surroundings: surroundings)
        let artifacts = ArtifactService(database: database, blobs: blobs, claims: claims, surroundings: surroundings)
        self.tensors = TensorIndexer(database: database, artifacts: artifacts)
        self.backends = backends
        self.effects = EffectLog(database: database, surroundings: surroundings, isShared: isShared)
        self.routes = RouteTable(database: database, addresses: backends)
        let registry = Registry(events.database, surroundings, artifacts, self.routes, backends, self.effects)
        self.logs = GatewayLogs(
            database: database,
            journal: journal,
            surroundings: surroundings,
            routes: self.routes,
            references: registry.references,
            period: period
        )
        self.traffic = registry.traffic
        self.watcher = registry.watcher(events.database, surroundings, self.routes)
        self.comparisons = registry.experiments
        self.mlflow = MLflowServices(
            experiments: self.experiments,
            runs: RunService(database: database, surroundings: surroundings),
            runSearch: RunSearchService(database: database),
            logging: LoggingService(database: database),
            histories: MetricHistoryService(database: database),
            inputs: InputService(database: database),
            loggedModels: LoggedModelService(database: database, surroundings: surroundings),
            registeredModels: registry.models,
            versions: registry.versions,
            stages: registry.stages,
            removals: registry.removals,
            artifacts: artifacts,
            uploads: self.uploads,
            webhooks: events.webhooks
        )
        self.native = Self.native(database, surroundings, registry, artifacts, ledger, events, backends, self.logs)
    }

    private static func native(
        _ database: any Database,
        _ surroundings: Surroundings,
        _ registry: Registry,
        _ artifacts: ArtifactService,
        _ ledger: LedgerService,
        _ events: Events,
        _ backends: BackendAddresses,
        _ logs: GatewayLogs
    ) -> NativeServices {
        NativeServices(
            models: registry.models,
            versions: registry.versions,
            stages: registry.stages,
            removals: registry.removals,
            notes: NoteService(database: database, surroundings: surroundings),
            history: HistoryService(database: database, surroundings: surroundings),
            comparison: ComparisonService(database: database, artifacts: artifacts, sources: TrackedSources()),
            lineage: LineageService(database: database, sources: TrackedSources()),
            deployments: registry.deployments,
            backends: BackendService(backends),
            decisions: DecisionService(database: database, log: logs.decisions, surroundings: surroundings),
            traffic: registry.traffic,
            experiments: registry.experiments,
            rollouts: registry.rollouts,
            drift: registry.drift,
            artifacts: artifacts,
            ledger: ledger,
            webhooks: events.webhooks,
            deliveries: events.deliveries
        )
    }

    /// Removes what nobody needs any more, and returns how many files that were.
    ///
    /// To be called again and again while requests are answered.
    ///
    /// - Parameter isThorough: Whether to look for files that no row names, for which all of them must be listed.
    package func tidy(isThorough: Bool) async throws(MartletError) -> Int {
        if isThorough {
            _ = try await self.collector.condemnUnnamed()
            try await self.uploads.removeOldLeftovers()
        }
        try await self.uploads.forgetOld()
        try await self.deliveries.forgetOld()
        _ = try await DecisionRetention(database: self.database, surroundings: self.surroundings).removeOld()
        try await self.comparisons.forgetUnits()
        return try await self.collector.collect()
    }

    /// Forgets what came of requests, and what was in them, so long ago.
    func forgetTraffic(olderThanDays days: Int) async throws(MartletError) {
        try await self.traffic.forget(olderThanDays: days)
        let drift = DriftRetention(database: self.database, surroundings: self.surroundings)
        try await drift.remove(olderThanDays: days)
    }

    /// Follows what other servers deploy, and says when this one goes by it.
    package func followDeployments() async throws(MartletError) {
        try await self.effects.follow(self.routes)
    }

    /// Reads what comparisons will ask for of files that have arrived since the last time.
    package func index() async throws(MartletError) {
        _ = try await self.tensors.indexPending()
    }

    /// Seals the records of all periods that are over.
    func sealDecisions() async throws(MartletError) {
        let sealer = DecisionSealer(database: self.database, surroundings: self.surroundings, period: self.period)
        // What is sealed must be all.
        try await self.logs.decisions.flush()
        while try await sealer.sealNext() {}
    }

    /// Signs what the ledger is by now, so that it can never become less.
    package func signLedger() async throws(MartletError) {
        _ = try await self.ledger.checkpoint()
    }

    /// Brings a database up to date.
    static func migrate(_ database: any Database, at now: Timestamp) async throws(MartletError) {
        try await Migrator(self.migrations).apply(to: database, at: now)
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
