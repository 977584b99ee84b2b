import MartletArtifacts
import MartletCore
import MartletDeployments
import MartletEvents
import MartletLedger
import MartletRegistry
import MartletSQL
import MartletTestSupport
import Testing

@Suite("Experiments of older programs")
struct ExperimentMigrationTests {
    private static let others =
        ArtifactMigrations.all + LedgerMigrations.all + RegistryMigrations.all + EventMigrations.all
    private static let past: [SQL] = [
        """
        INSERT INTO deployment (deployment_key, name, salt, revision, change, created_ms)
        VALUES (1, 'bot', '', 1, 1, 0)
        """,
        """
        INSERT INTO deployment_experiment (
            experiment_key, deployment_key, number, plan, first_revision, actor, started_ms, entry_index, stopped_ms
        ) VALUES (1, 1, 1, '{}', 1, 'ann', 0, 0, 0), (2, 1, 2, '{}', 1, 'ann', 0, 0, NULL)
        """,
        """
        INSERT INTO experiment_unit (experiment_key, unit, arm)
        VALUES (1, \(SQLValue.bytes([1])), 0), (2, \(SQLValue.bytes([2])), 1)
        """,
    ]

    @Test("what the gateway measured of somebody before is not counted again")
    func measured() async throws {
        let old = DeploymentMigrations.all.prefix { $0.name != "deployments/0014-remember-measured" }
        let database = try await makeTestDatabase(Self.others + old)
        try await database.write { db throws(MartletError) in
            for statement in Self.past { try db.execute(statement) }
        }
        try await Migrator(Self.others + DeploymentMigrations.all).apply(to: database, at: Timestamp(milliseconds: 0))
        let counted = try await database.read { db throws(MartletError) in
            try db.query("SELECT experiment_key, unit, metric FROM experiment_outcome ORDER BY metric").map { row in
                "\(row.integer(0)) \(row.bytes(1)) \(row.text(2))"
            }
        }
        #expect(counted == ["2 [2] gateway.error", "2 [2] gateway.latency"])
        try await database.close()
    }
}
