import MartletCore
import MartletSQL
import MartletSearch
import MartletTestSupport
import MartletTracking
import Synchronization

/// One experiment with one run, in a world where a millisecond passes whenever somebody looks at a clock.
struct TrackingWorld {
    let database: any Database
    let experiments: ExperimentService
    let runs: RunService
    let logging: LoggingService
    let models: LoggedModelService
    let experiment: ExperimentID
    let run: RunID

    init() async throws {
        let database = try await makeTestDatabase(TrackingMigrations.all)
        self.database = database
        let ticks = Ticks()
        let surroundings = Surroundings(
            now: { Timestamp(milliseconds: Int64(ticks.next())) },
            randomBits: { (0, ticks.next()) }
        )
        self.experiments = ExperimentService(database: database, surroundings: surroundings)
        self.runs = RunService(database: database, surroundings: surroundings)
        self.logging = LoggingService(database: database)
        self.models = LoggedModelService(database: database, surroundings: surroundings)
        self.experiment = try await self.experiments.create(named: "first", tags: []) { "store:/\($0)" }
        let new = NewRun(
            experimentID: self.experiment,
            name: "run",
            userName: "",
            startedAt: surroundings.now(),
            tags: []
        )
        self.run = try await self.runs.create(new).info.id
    }

    /// Makes `crow`, then `tern`, then `wren`, which differ in what was logged of them.
    static func withThreeModels() async throws -> TrackingWorld {
        let world = try await TrackingWorld()
        let crow = try await world.create("crow", params: ["depth": "1"], tags: ["owner": "Ann"])
        let tern = try await world.create("tern", params: ["depth": "2"], tags: ["owner": "Bob"])
        let wren = try await world.create("wren", params: [:], tags: [:])
        _ = try await world.models.finalize(tern.info.id, .ready)
        try await world.logging.log(
            metrics: [
                world.metric("loss", 0.2, at: 5, of: crow.info.id, on: MeasuredDataset(name: "birds", digest: "d2")),
                world.metric("loss", 0.9, at: 6, of: tern.info.id, on: MeasuredDataset(name: "birds", digest: "d1")),
                world.metric("loss", 0.1, at: 7, of: tern.info.id),
                world.metric("loss", .nan, at: 8, of: wren.info.id),
            ],
            to: world.run
        )
        return world
    }

    func create(
        _ name: String,
        params: [String: String] = [:],
        tags: [String: String] = [:]
    ) async throws -> LoggedModel {
        try await self.models.create(
            NewLoggedModel(
                experimentID: self.experiment,
                name: name,
                params: params.map { Param(key: $0.key, value: $0.value) },
                tags: tags.map { Tag(key: $0.key, value: $0.value) }
            )
        )
    }

    func metric(
        _ key: String,
        _ value: Double,
        at milliseconds: Int64,
        of model: LoggedModelID?,
        on dataset: MeasuredDataset? = nil
    ) -> LoggedMetric {
        let point = MetricPoint(value: value, step: 0, loggedAt: Timestamp(milliseconds: milliseconds))
        return LoggedMetric(
            metric: Metric(key: key, point: point),
            modelID: model,
            datasetName: dataset?.name,
            datasetDigest: dataset?.digest
        )
    }

    /// The names of what a search in the world's experiment finds.
    func names(
        conditions: [LoggedModelCondition] = [],
        datasets: [MeasuredDataset] = [],
        order: [LoggedModelOrder] = []
    ) async throws -> [String] {
        let query = LoggedModelQuery(
            experiments: [self.experiment],
            conditions: conditions,
            datasets: datasets,
            order: order,
            limit: 9
        )
        return try await self.models.search(query).items.map(\.info.name)
    }
}

/// The code of the error that `body` throws; `nil` when it throws none of ours.
func refusal(_ body: () async throws -> Void) async -> MartletError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? MartletError)?.code
    }
}

/// Counts up, from whatever thread.
private final class Ticks: Sendable {
    private let count = Mutex<UInt64>(0)

    func next() -> UInt64 {
        self.count.withLock { count in
            count += 1
            return count
        }
    }
}
