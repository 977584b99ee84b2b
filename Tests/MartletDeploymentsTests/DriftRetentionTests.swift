import MartletArtifacts
import MartletCore
import MartletDeployments
import MartletLedger
import MartletRegistry
import MartletSQL
import MartletTestSupport
import Testing

@Suite("Counts of features")
struct DriftRetentionTests {
    private static let migrations =
        ArtifactMigrations.all + LedgerMigrations.all + RegistryMigrations.all + DeploymentMigrations.all
    private static let dayMilliseconds: Int64 = 86_400_000

    @Test("that are too old are removed, however many, and later ones stay")
    func remove() async throws {
        let database = try await makeTestDatabase(Self.migrations)
        let now = Timestamp(milliseconds: 100 * Self.dayMilliseconds)
        let oldest = Int64(70 * 24)
        try await Self.insert(hours: Array(oldest - 1_200..<oldest + 2), into: database)
        let retention = DriftRetention(
            database: database,
            surroundings: Surroundings(now: { now }, randomBits: { (0, 0) })
        )
        try await retention.remove(olderThanDays: 30)
        let rows = try await database.read { db throws(MartletError) in
            try db.query("SELECT hour FROM drift_count ORDER BY hour")
        }
        #expect(rows.map { $0.integer(0) } == [oldest, oldest + 1])
        try await database.close()
    }

    private static func insert(hours: [Int64], into database: any Database) async throws {
        try await database.write { db throws(MartletError) in
            try db.execute(
                """
                INSERT INTO deployment (deployment_key, name, salt, revision, change, created_ms)
                VALUES (1, 'bot', '', 1, 1, 0)
                """
            )
            for hour in hours {
                try db.execute(
                    """
                    INSERT INTO drift_count (deployment_key, hour, revision, arm, feature, counts)
                    VALUES (1, \(hour), 1, 0, 'x', \(SQLValue.bytes([])))
                    """
                )
            }
        }
    }
}
