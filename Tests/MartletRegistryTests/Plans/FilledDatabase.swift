import MartletArtifacts
import MartletCore
import MartletRegistry
import MartletSQL
import MartletTestSupport
import MartletTracking

/// A database with so many rows that to read all of a table is never cheapest.
struct FilledDatabase {
    let observed: ObservedDatabase
    let registry: Registry
    let runs: RunService
    let logging: LoggingService
    let search: RunSearchService
    let histories: MetricHistoryService
    let experiment: ExperimentID

    init(_ product: TestProduct) async throws {
        let migrations = Registry.migrations + TrackingMigrations.all
        self.observed = try await ObservedDatabase(migrations, on: product)
        self.registry = Registry(on: self.observed)
        let surroundings = Surroundings(now: { Timestamp(milliseconds: 1) }, randomBits: { (1, 1) })
        self.runs = RunService(database: self.observed, surroundings: surroundings)
        self.logging = LoggingService(database: self.observed)
        self.search = RunSearchService(database: self.observed)
        self.histories = MetricHistoryService(database: self.observed)
        let experiments = ExperimentService(database: self.observed, surroundings: surroundings)
        self.experiment = try await experiments.create(named: "e", tags: []) { "store:/\($0)" }
        try await self.observed.write { [experiment] db throws(MartletError) in
            for statement in Self.rows(of: experiment) { try db.execute(statement) }
            // As PostgreSQL does by itself a minute later, and SQLite never.
            if product == .postgres { try db.execute("ANALYZE") }
        }
    }

    /// The id of a run that is there.
    static let run = RunID(trusted: "r7")

    private static func rows(of experiment: ExperimentID) -> [SQL] {
        self.runs(of: experiment) + self.models + self.files + self.webhooks
    }

    private static func runs(of experiment: ExperimentID) -> [SQL] {
        [
            """
            INSERT INTO run (run_id, experiment_id, name, user_name, status, artifact_uri, started_ms)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
            SELECT 'r' || i, \(experiment), 'n', '', 'RUNNING', '', i FROM n
            """,
            """
            INSERT INTO metric (run_key, key, experiment_id, value, is_nan, step, logged_ms)
            SELECT run_key, k.key, experiment_id, run_key, 0, 0, 0
            FROM run CROSS JOIN (SELECT 'm0' AS key UNION ALL SELECT 'm1' UNION ALL SELECT 'm2') k
            """,
            """
            INSERT INTO metric_point (run_key, key, logged_ms, step, value, is_nan)
            SELECT run_key, key, logged_ms, step, value, is_nan FROM metric
            """,
            """
            INSERT INTO param (run_key, key, value)
            SELECT run_key, 'p' || substr(key, 2, 1), 'v' || substr(run_id, 2, 1) FROM metric JOIN run USING (run_key)
            """,
            "INSERT INTO run_tag (run_key, key, value) SELECT run_key, 't' || substr(key, 2), value FROM param",
            "INSERT INTO param (run_key, key, value) SELECT run_key, 'depth', 'd' || run_key % 100 FROM run",
            """
            INSERT INTO run_tag (run_key, key, value)
            SELECT run_key, 'mlflow.parentRunId', 'r' || run_key % 100 FROM run
            """,
            """
            INSERT INTO dataset (experiment_id, name, digest, source_type, source)
            SELECT experiment_id, run_id, '', '', '' FROM run
            """,
            """
            INSERT INTO run_dataset (run_key, dataset_key)
            SELECT run_key, dataset_key FROM run JOIN dataset d ON d.name = run_id
            """,
        ]
    }

    /// A hundred models with twenty versions each.
    private static let models: [SQL] = [
        """
        INSERT INTO registered_model (name, version_count, created_ms, updated_ms)
        SELECT 'model-' || run_id, 20, started_ms, started_ms FROM run WHERE run_key <= 100
        """,
        """
        INSERT INTO model_version (
            model_key, number, source, artifact_uri, run_id, logged_model_id, run_link, stage, stage_name,
            created_ms, updated_ms
        )
        SELECT model_key, run_key, '', '', '', '', '', 'candidate', 'candidate', created_ms, updated_ms
        FROM registered_model CROSS JOIN (SELECT run_key FROM run WHERE run_key <= 20) numbers
        """,
        """
        INSERT INTO model_alias (model_key, alias, version_key)
        SELECT model_key, 'champ', version_key FROM model_version WHERE number = 7
        """,
    ]

    private static let files: [SQL] = [
        """
        INSERT INTO blob (sha256, size, created_ms)
        SELECT \(digest), 1, 1 FROM run
        """,
        """
        INSERT INTO artifact (space, path, sha256, updated_ms)
        SELECT 'mlflow', '1/' || run_id || '/artifacts/model', \(digest), 1 FROM run
        """,
    ]

    /// None of which listens to what happens here.
    private static let webhooks: [SQL] = [
        """
        INSERT INTO webhook (webhook_id, name, url, is_active, created_ms, updated_ms)
        SELECT run_id, run_id, '', 1, 1, 1 FROM run WHERE run_key <= 500
        """,
        """
        INSERT INTO webhook_kind (kind, webhook_key)
        SELECT 'prompt.created', webhook_key FROM webhook
        """,
    ]

    /// Thirty-two bytes that are another run's for no other.
    private static let digest: SQL = .dialect(
        sqlite: "CAST(printf('%032d', run_key) AS BLOB)",
        postgres: "convert_to(lpad(run_key::text, 32, '0'), 'UTF8')"
    )
}
