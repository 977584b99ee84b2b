import MartletCore
import MartletSearch
import MartletSQL
import MartletTestSupport
import MartletTracking
import Testing

/// Runs whose order is known, named by letters.
private struct RunWorld {
    let database: any Database
    let runs: RunService
    let logging: LoggingService
    let search: RunSearchService
    let experiment: ExperimentID

    init() async throws {
        self.database = try await makeTestDatabase(TrackingMigrations.all)
        let surroundings = Surroundings(
            now: { Timestamp(milliseconds: 1) },
            randomBits: { (.random(in: .min ... .max), .random(in: .min ... .max)) }
        )
        self.runs = RunService(database: self.database, surroundings: surroundings)
        self.logging = LoggingService(database: self.database)
        self.search = RunSearchService(database: self.database)
        let experiments = ExperimentService(database: self.database, surroundings: surroundings)
        self.experiment = try await experiments.create(named: "e", tags: []) { "store:/\($0)" }
    }

    @discardableResult
    func run(
        _ name: String,
        at start: Int64 = 0,
        metrics: [String: Double] = [:],
        params: [String: String] = [:],
        tags: [String: String] = [:]
    ) async throws -> RunID {
        let new = NewRun(
            experimentID: self.experiment,
            name: name,
            userName: "",
            startedAt: Timestamp(milliseconds: start),
            tags: tags.map { Tag(key: $0.key, value: $0.value) }
        )
        let id = try await self.runs.create(new).info.id
        let points = metrics.map { key, value in
            let point = MetricPoint(value: value, step: 0, loggedAt: Timestamp(milliseconds: 0))
            return LoggedMetric(metric: Metric(key: key, point: point))
        }
        try await self.logging.log(metrics: points, params: params.map { Param(key: $0.key, value: $0.value) }, to: id)
        return id
    }

    func query(_ order: [RunOrder] = [], _ conditions: [RunCondition] = [], limit: Int = 100) -> RunQuery {
        RunQuery(experiments: [self.experiment], conditions: conditions, order: order, limit: limit)
    }

    func names(_ query: RunQuery) async throws -> String {
        try await self.search.search(query).items.map(\.info.name).joined()
    }

    /// The names on every page, one after the other; `between` runs after each page.
    func pages(_ query: RunQuery, between: () async throws -> Void = {}) async throws -> String {
        var query = query
        var names = ""
        repeat {
            let page = try await self.search.search(query)
            names += page.items.map(\.info.name).joined()
            query.position = page.next
            try await between()
        } while query.position != nil
        return names
    }
}

@Suite("searching runs")
struct RunSearchTests {
    @Test("the newest come first, and the id breaks ties")
    func defaultOrder() async throws {
        let world = try await RunWorld()
        try await world.run("a", at: 1)
        let ties = [try await world.run("b", at: 2), try await world.run("c", at: 2)]
        let tied = zip(ties, ["b", "c"]).sorted { $0.0.rawValue < $1.0.rawValue }.map(\.1).joined()
        #expect(try await world.names(world.query()) == "\(tied)a")
    }

    @Test("numbers come before NaN and NaN before runs without the metric, in both directions")
    func metricOrder() async throws {
        let world = try await RunWorld()
        try await world.run("n", metrics: ["m": .nan])
        try await world.run("x")
        try await world.run("c", metrics: ["m": .infinity])
        try await world.run("a", metrics: ["m": -.infinity])
        try await world.run("b", metrics: ["m": 0])
        #expect(try await world.names(world.query([RunOrder(.metric("m"), ascending: true)])) == "abcnx")
        #expect(try await world.names(world.query([RunOrder(.metric("m"), ascending: false)])) == "cbanx")
    }

    @Test("pages of one run visit every run once, whatever the order")
    func smallPages() async throws {
        let world = try await RunWorld()
        try await world.run("a", at: 1, metrics: ["m": 2, "k": 1], params: ["p": "x"])
        try await world.run("b", at: 2, metrics: ["m": 2, "k": .nan])
        try await world.run("c", at: 3, metrics: ["m": .nan], params: ["p": "y"])
        try await world.run("d", at: 4, params: ["p": "x"])
        try await world.run("e", at: 5)
        let orders: [[RunOrder]] = [
            [],
            [RunOrder(.time(.startedAt), ascending: true)],
            [RunOrder(.metric("m"), ascending: false)],
            [RunOrder(.metric("m"), ascending: true), RunOrder(.metric("k"), ascending: false)],
            [RunOrder(.param("p"), ascending: false)],
            [RunOrder(.text(.name), ascending: false)],
            [RunOrder(.time(.endedAt), ascending: true)],
        ]
        for order in orders {
            let whole = try await world.names(world.query(order))
            #expect(whole.count == 5)
            #expect(try await world.pages(world.query(order, limit: 1)) == whole, "\(order)")
            #expect(try await world.pages(world.query(order, limit: 2)) == whole, "\(order)")
        }
    }

    @Test("runs that appear and vanish between pages neither repeat nor hide others")
    func concurrentInserts() async throws {
        let world = try await RunWorld()
        for (index, letter) in "abcdefghij".enumerated() {
            try await world.run(String(letter), at: Int64(100 + index), metrics: ["m": Double(index)])
        }
        for order in [[], [RunOrder(.metric("m"), ascending: false)]] {
            let names = try await world.pages(world.query(order, limit: 3)) {
                try await world.run("-", at: 1_000, metrics: ["m": 1_000])
            }
            #expect(names.filter { $0 != "-" } == "jihgfedcba")
        }
    }

    @Test("no comparison is met by what is missing, and NaN only differs")
    func missing() async throws {
        let world = try await RunWorld()
        try await world.run("a", metrics: ["m": 1], params: ["p": "x"])
        try await world.run("n", metrics: ["m": .nan], params: ["p": "y"])
        try await world.run("z")
        let order = [RunOrder(.text(.name), ascending: true)]
        func found(_ condition: RunCondition) async throws -> String {
            try await world.names(world.query(order, [condition]))
        }
        #expect(try await found(.metric("m", NumberCondition(.differs, 5))) == "an")
        #expect(try await found(.metric("m", NumberCondition(.less, 5))) == "a")
        #expect(try await found(.metric("m", NumberCondition(.equals, 0))) == "")
        #expect(try await found(.param("p", .differs("x"))) == "n")
        #expect(try await found(.paramIsMissing("p")) == "z")
        #expect(try await found(.paramIsPresent("p")) == "an")
    }

    @Test("a condition that few or many runs meet finds the same runs on the same pages", arguments: [5, 1_005])
    func shortlists(count: Int) async throws {
        let world = try await RunWorld()
        for index in 0..<count {
            try await world.run("-", at: Int64(index), metrics: ["m": Double(index), "k": index == 1 ? .nan : 0])
        }
        try await world.run("x", metrics: ["m": -1])
        try await world.run("y", metrics: ["m": .nan])
        let orders: [([RunOrder], last: String)] = [
            ([RunOrder(.metric("m"), ascending: true)], "-"),
            ([RunOrder(.metric("k"), ascending: false)], "x"),
            ([RunOrder(.text(.name), ascending: true)], "x"),
        ]
        for (order, last) in orders {
            let query = world.query(order, [.metric("m", NumberCondition(.less, 2_000))], limit: 2)
            let names = try await world.pages(query)
            #expect(names.count == count + 1)
            #expect(names.last.map(String.init) == last)
        }
    }

    @Test("long values that begin alike are told apart, few or many", arguments: [3, 1_005])
    func longValues(count: Int) async throws {
        let world = try await RunWorld()
        let start = String(repeating: "é", count: 100)
        for index in 0..<count {
            let value = index == 1 ? start + "b" : start + "a"
            try await world.run(
                index == 1 ? "b" : "a",
                at: Int64(index),
                params: ["p": value],
                tags: ["mlflow.parentRunId": value]
            )
        }
        for condition in [
            RunCondition.param("p", .equals(start + "b")), .tag("mlflow.parentRunId", .equals(start + "b")),
        ] {
            #expect(try await world.names(world.query([], [condition])) == "b")
        }
        let others = try await world.pages(world.query([], [.param("p", .equals(start + "a"))], limit: 2))
        #expect(others.count == count - 1)
    }

    @Test("each run of a large page comes with what it logged itself")
    func largePage() async throws {
        let world = try await RunWorld()
        for index in 0..<1_005 {
            try await world.run("-", at: Int64(index), metrics: ["m": Double(index)], params: ["p": "\(index)"])
        }
        let runs = try await world.search.search(world.query(limit: 2_000)).items
        let metrics = runs.flatMap(\.metrics).map(\.point.value)
        #expect(metrics == (0..<1_005).reversed().map(Double.init))
        #expect(runs.flatMap(\.params).map(\.value) == (0..<1_005).reversed().map(String.init))
    }

    @Test("runs named by their ids are found in the order that was asked for")
    func shortlistOfIDs() async throws {
        let world = try await RunWorld()
        let ids = [
            try await world.run("a", metrics: ["m": 2]), try await world.run("b", metrics: ["m": 3]),
            try await world.run("c"),
        ]
        try await world.run("d", metrics: ["m": 4])
        let condition = RunCondition.text(.id, .oneOf(ids.map(\.rawValue)))
        let query = world.query([RunOrder(.metric("m"), ascending: false)], [condition], limit: 1)
        #expect(try await world.pages(query) == "bac")
    }

    @Test("a run of another experiment is not found, though its id or its metric would do")
    func otherExperiments() async throws {
        let world = try await RunWorld()
        let id = try await world.run("a", metrics: ["m": 2])
        let number = NumberCondition(.greater, 1)
        let conditions = [RunCondition.text(.id, .equals(id.rawValue)), .metric("m", number)]
        for condition in conditions {
            for order in [[], [RunOrder(.metric("m"), ascending: true)], [RunOrder(.metric("x"), ascending: true)]] {
                var query = world.query(order, [condition])
                #expect(try await world.names(query) == "a")
                query.experiments = [.default]
                #expect(try await world.names(query) == "")
            }
        }
    }

    @Test(
        "a position that does not belong to the order is refused",
        arguments: [
            [.integer(9)], [.integer(-1)], [.text("x")], [.integer(0)], [],
        ] as [[PageToken.Field]]
    )
    func foreignPosition(position: [PageToken.Field]) async throws {
        let world = try await RunWorld()
        var query = world.query()
        query.position = position
        let error = await #expect(throws: MartletError.self) { try await world.search.search(query) }
        #expect(error?.code == .invalidArgument)
    }
}
