import MartletArtifacts
import MartletCore
import MartletRegistry
import MartletSQL
import MartletSearch
import MartletTestSupport
import MartletTracking
import Testing

/// Something that clients ask for all the time, and what it must not cost.
struct HotRequest: Sendable {
    let description: String
    /// What finds the rows on SQLite: an index, or the table or its alias where that is its own index.
    private let sqlite: [String]
    /// The indexes that find them on PostgreSQL.
    private let postgres: [String]
    /// Whether it sorts what is found before it takes a page of it.
    private let sortsItsRows: Bool
    private let ask: @Sendable (FilledDatabase) async throws -> Void

    init(
        _ description: String,
        sqlite: [String],
        postgres: [String],
        sortsItsRows: Bool = false,
        _ ask: @escaping @Sendable (FilledDatabase) async throws -> Void
    ) {
        self.description = description
        self.sqlite = sqlite
        self.postgres = postgres
        self.sortsItsRows = sortsItsRows
        self.ask = ask
    }

    /// What must find the rows.
    func indexes(on product: TestProduct) -> [String] { product == .sqlite ? self.sqlite : self.postgres }

    /// What is wrong with the way in which it is answered.
    func faults(in database: FilledDatabase) async throws -> [String] {
        let lines = try await database.observed.plan { try await self.ask(database) }
        let plan = QueryPlan(product: database.observed.product, lines: lines)
        let faults =
            self.indexes(on: plan.product).filter { !plan.uses($0) }.map { "does not use \($0)" }
            + plan.wholeReads.map { "reads all: \($0)" }
            + (self.sortsItsRows ? [] : plan.sorts).map { "sorts all: \($0)" }
        return faults.isEmpty ? [] : faults + lines
    }
}

extension HotRequest {
    static let all = logging + searching + registry

    private static let logging = [
        HotRequest(
            "logging metrics and params",
            sqlite: ["sqlite_autoindex_run_1", "param"],
            postgres: ["run_run_id_key", "param_pkey"]
        ) { database in
            let point = MetricPoint(value: 1, step: 1, loggedAt: Timestamp(milliseconds: 1))
            let metrics = [LoggedMetric(metric: Metric(key: "m0", point: point))]
            let params = [Param(key: "p0", value: "v7"), Param(key: "new", value: "v")]
            try await database.logging.log(metrics: metrics, params: params, to: FilledDatabase.run)
        },
        HotRequest(
            "getting a run",
            sqlite: ["sqlite_autoindex_run_1", "metric", "param", "run_tag"],
            postgres: ["run_run_id_key", "metric_pkey", "param_pkey", "run_tag_pkey"]
        ) { _ = try await $0.runs.run(FilledDatabase.run) },
        HotRequest(
            "getting a metric's history",
            sqlite: ["sqlite_autoindex_run_1", "metric_point"],
            postgres: ["run_run_id_key", "metric_point_pkey"]
        ) { _ = try await $0.histories.history(of: "m0", in: FilledDatabase.run, limit: 100, after: nil) },
    ]

    private static let searching = [
        HotRequest(
            "the newest runs with what they logged",
            sqlite: ["run_by_start", "metric", "param", "run_tag"],
            postgres: ["run_by_start", "metric_pkey", "param_pkey", "run_tag_pkey"]
        ) { try await $0.search([]) },
        HotRequest("the best runs", sqlite: ["metric_by_value", "r"], postgres: ["metric_by_value", "run_pkey"]) {
            try await $0.search([], order: [RunOrder(.metric("m2"), ascending: false)])
        },
        HotRequest(
            "the best runs that meet conditions",
            sqlite: ["metric_by_value", "p", "m", "r"],
            postgres: ["metric_by_value", "param_pkey", "metric_pkey", "run_pkey"]
        ) { database in
            try await database.search(
                [.metric("m1", NumberCondition(.greater, 500)), .param("p1", .equals("v1"))],
                order: [RunOrder(.metric("m2"), ascending: false)]
            )
        },
        HotRequest(
            "the few runs with a param",
            sqlite: ["param_by_value", "r"],
            postgres: ["param_by_value", "run_pkey"],
            sortsItsRows: true
        ) { try await $0.search([.param("depth", .equals("d7"))]) },
        HotRequest(
            "the runs below another one",
            sqlite: ["run_tag_of_children", "r"],
            postgres: ["run_tag_of_children", "run_pkey"],
            sortsItsRows: true
        ) { try await $0.search([.tag("mlflow.parentRunId", .equals("r1"))]) },
        HotRequest(
            "the few runs that meet a condition",
            sqlite: ["metric_by_value", "t", "r"],
            postgres: ["metric_by_value", "run_tag_pkey", "run_pkey"],
            sortsItsRows: true
        ) { try await $0.search([.tag("t1", .like("v1%")), .metric("m0", NumberCondition(.less, 500))]) },
    ]

    private static let registry = [
        HotRequest(
            "getting a version by alias",
            sqlite: ["registered_model_name", "a", "v"],
            postgres: ["registered_model_name", "model_alias_pkey", "model_version_pkey"]
        ) { database in
            let name = try ModelName(validating: "model-r7")
            _ = try await database.registry.versions.version(try AliasName(validating: "champ"), of: name)
        },
        HotRequest(
            "registering a version",
            sqlite: ["registered_model_name"],
            postgres: ["registered_model_name"]
        ) { try await $0.registry.addVersion(of: try ModelName(validating: "model-r7")) },
        HotRequest("finding a file", sqlite: ["artifact"], postgres: ["artifact_pkey"]) { database in
            let path = try ArtifactPath(validating: "1/r7/artifacts/model")
            _ = try await database.registry.artifacts.artifact(at: path, in: .mlflow)
        },
    ]
}

extension FilledDatabase {
    fileprivate func search(_ conditions: [RunCondition], order: [RunOrder] = []) async throws {
        let query = RunQuery(experiments: [self.experiment], conditions: conditions, order: order, limit: 100)
        _ = try await self.search.search(query)
    }
}

@Suite("plans of the hottest statements")
struct HottestStatementTests {
    private static let products: [TestProduct] = TestPostgres.isSkipped ? [.sqlite] : [.sqlite, .postgres]

    @Test(
        "the hottest requests follow indexes, read no table as a whole and sort no more than is equal in an index",
        arguments: Self.products
    )
    func plans(product: TestProduct) async throws {
        let database = try await FilledDatabase(product)
        for request in HotRequest.all {
            let faults = try await request.faults(in: database)
            #expect(faults == [], "\(request.description)")
        }
    }

    @Test(
        "a request whose index is gone is found fault with",
        arguments: Self.products,
        ["run_by_start", "metric_by_value", "param_by_value", "run_tag_of_children", "registered_model_name"]
    )
    func missingIndex(product: TestProduct, index: String) async throws {
        let database = try await FilledDatabase(product)
        try await database.observed.write { db throws(MartletError) in
            try db.execute("DROP INDEX \(SQL(stringLiteral: index))")
        }
        for request in HotRequest.all where request.indexes(on: product).contains(index) {
            let faults = try await request.faults(in: database)
            #expect(faults.contains("does not use \(index)") && faults.count > 1, "\(request.description)")
        }
    }
}
