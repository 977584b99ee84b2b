import MartletArtifacts
import MartletBlobs
import MartletCore
import MartletEvents
import MartletLedger
import MartletRegistry
import MartletSQL
import MartletTestSupport
import Synchronization

/// Ours: the testing library has a type of that name too.
typealias Tag = MartletCore.Tag

/// A registry on a database of its own, whose clock goes on by a millisecond whenever it is read.
struct Registry {
    let models: RegisteredModelService
    let versions: ModelVersionService
    let stages: StageService
    let removals: RemovalService
    let history: HistoryService
    let past: PastRecording
    let notes: NoteService
    let comparison: ComparisonService
    let tensors: TensorIndexer
    let artifacts: ArtifactService
    let sources: KnownSources
    let database: any Database

    /// What versions need of tables.
    static let migrations =
        ArtifactMigrations.all + LedgerMigrations.all + RegistryMigrations.all
        + EventMigrations.all

    init(sources: KnownSources = KnownSources()) async throws {
        try await self.init(on: makeTestDatabase(Self.migrations), sources: sources)
    }

    /// - Parameter blobs: Where the bytes of files are; by default nowhere.
    init(
        on database: any Database,
        blobs: any BlobStore = LocalBlobStore(existingAt: "/nowhere"),
        sources: KnownSources = KnownSources()
    ) {
        let clock = Clock()
        let surroundings = Surroundings(now: { clock.tick() }, randomBits: { (0, 0) })
        self.models = RegisteredModelService(database: database, surroundings: surroundings, users: [])
        self.artifacts = ArtifactService(
            database: database,
            blobs: blobs,
            claims: BlobClaims(database: database, blobs: blobs, surroundings: surroundings),
            surroundings: surroundings
        )
        self.versions = ModelVersionService(
            database: database,
            surroundings: surroundings,
            sources: sources,
            artifacts: self.artifacts
        )
        self.stages = StageService(database: database, surroundings: surroundings, sources: sources)
        self.removals = RemovalService(database: database, surroundings: surroundings, users: [])
        self.history = HistoryService(database: database, surroundings: surroundings)
        self.past = PastRecording(database: database, surroundings: surroundings)
        self.comparison = ComparisonService(database: database, artifacts: self.artifacts, sources: sources)
        self.tensors = TensorIndexer(database: database, artifacts: self.artifacts)
        self.notes = NoteService(database: database, surroundings: surroundings)
        self.sources = sources
        self.database = database
    }

    /// Registers a version from somewhere that needs no checks.
    @discardableResult
    func addVersion(of name: ModelName, tags: [Tag] = [], runID: RunID? = nil) async throws -> ModelVersion {
        try await self.versions.create(
            NewModelVersion(name: name, source: "s3://bucket/\(name)", runID: runID, tags: tags)
        )
    }

    /// Creates a model with some versions.
    @discardableResult
    func addModel(_ name: String, versions: Int = 0, tags: [Tag] = []) async throws -> ModelName {
        let name = try ModelName(validating: name)
        _ = try await self.models.create(named: name, tags: tags)
        for _ in 0..<versions { try await self.addVersion(of: name) }
        return name
    }
}

private final class Clock: Sendable {
    private let milliseconds = Mutex<Int64>(0)

    func tick() -> Timestamp {
        self.milliseconds.withLock {
            $0 += 1
            return Timestamp(milliseconds: $0)
        }
    }
}

/// Runs and logged models that stand in for a tracking store.
final class KnownSources: SourceDirectory {
    private let runs: [RunID: String]
    private let models: [LoggedModelID: SourceModel]
    private let facts: [RunID: SourceFacts]
    private let lateMetrics: [RunID: [Manifest.Metric]]
    private let noted = Mutex<[String]>([])

    init(
        runs: [RunID: String] = [:],
        models: [LoggedModelID: SourceModel] = [:],
        facts: [RunID: SourceFacts] = [:],
        lateMetrics: [RunID: [Manifest.Metric]] = [:]
    ) {
        self.runs = runs
        self.models = models
        self.facts = facts
        self.lateMetrics = lateMetrics
    }

    /// What was noted on logged models, as in `m-1 is iris/3`.
    var notes: [String] { self.noted.withLock { $0 } }

    func artifactURI(of run: RunID, on db: any Connection) -> String? { self.runs[run] }

    func loggedModel(_ id: LoggedModelID, on db: any Connection) -> SourceModel? { self.models[id] }

    func facts(run: RunID?, loggedModel: LoggedModelID?, on db: any Connection) -> SourceFacts {
        run.flatMap { self.facts[$0] } ?? SourceFacts()
    }

    func metrics(
        run: RunID?,
        loggedModel: LoggedModelID?,
        named names: Set<String>?,
        on db: any Connection
    ) -> [Manifest.Metric] {
        (run.flatMap { self.lateMetrics[$0] } ?? []).filter { names?.contains($0.name) ?? true }
    }

    func runs(reading dataset: String, limit: Int, on db: any Connection) -> [DatasetUse] { [] }

    func noteVersion(_ number: VersionNumber, of name: ModelName, on model: LoggedModelID, db: any Connection) {
        self.noted.withLock { $0.append("\(model) is \(name)/\(number)") }
    }
}
