import MartletArtifacts
import MartletCore
import MartletDeployments
import MartletEvents
import MartletLedger
import MartletRegistry
import MartletSQL
import MartletStatistics
import MartletTestSupport
import Testing

@Suite("Traffic")
struct TrafficTests {
    private static let migrations =
        ArtifactMigrations.all + LedgerMigrations.all + RegistryMigrations.all + EventMigrations.all
        + DeploymentMigrations.all
    private static let minute: Int64 = 60_000

    private static let agreements: [Agreement?] = [.same, .different, .equal, nil, .incomparable, .same]

    @Test("sums of parts are the sums of the whole")
    func sums() {
        var (whole, first, second) = (TrafficSums(), TrafficSums(), TrafficSums())
        let endings: [TrafficSums.Ending] = [.answered, .failed, .refused, .failed, .answered, .answered]
        for (place, ending) in endings.enumerated() {
            whole.record(ending, microseconds: UInt64(place) * 1_000, Self.agreements[place])
            if place < 2 { first.record(ending, microseconds: UInt64(place) * 1_000, Self.agreements[place]) }
            if place >= 2 { second.record(ending, microseconds: UInt64(place) * 1_000, Self.agreements[place]) }
        }
        first.merge(second)
        #expect(first == whole)
        #expect((whole.requests, whole.failures, whole.refusals) == (6, 2, 1))
        #expect(whole.failureRate == 2.0 / 6)
        #expect((whole.agreements, whole.differences, whole.agreementRate) == (3, 1, 0.75))
        #expect(TrafficSums().failureRate == 0)
        #expect(TrafficSums().agreementRate == nil)
    }

    @Test("rows of seconds become rows of minutes, and what comes late is added to them")
    func condense() async throws {
        let database = try await makeTestDatabase(Self.migrations)
        let now = Timestamp(milliseconds: 100 * Self.minute)
        let service = TrafficService(
            database: database,
            surroundings: Surroundings(now: { now }, randomBits: { (0, 0) })
        )
        try await Self.insert(["a", "b"], at: [1, 2, Self.minute, Self.minute + 1], into: database)
        try await Self.insert(["a"], at: [99 * Self.minute], into: database)
        try await service.condense()
        #expect(try await Self.rows(database) == ["60000//6/12/18+24", "120000//2/4/6+8", "5940000/a/1/2/3+4"])
        try await Self.insert(["c"], at: [5], into: database)
        try await service.condense()
        try await service.condense()
        #expect(try await Self.rows(database) == ["60000//7/14/21+28", "120000//2/4/6+8", "5940000/a/1/2/3+4"])
        try await database.close()
    }

    @Test("what is too old is forgotten")
    func forget() async throws {
        let database = try await makeTestDatabase(Self.migrations)
        let day: Int64 = 86_400_000
        let now = Timestamp(milliseconds: 100 * day)
        let service = TrafficService(
            database: database,
            surroundings: Surroundings(now: { now }, randomBits: { (0, 0) })
        )
        try await Self.insert([""], at: [69 * day, 71 * day], into: database)
        try await service.forget(olderThanDays: 30)
        #expect(try await Self.rows(database) == ["\(71 * day)//1/2/3+4"])
        try await database.close()
    }

    /// Adds rows of one failure, two requests, three answers that agreed and four that did not.
    private static func insert(
        _ servers: [String],
        at moments: [Int64],
        into database: any Database
    ) async throws {
        var latency = LatencyHistogram()
        latency.record(1_000, count: 2)
        let bytes = latency.bytes
        try await database.write { db throws(MartletError) in
            for server in servers {
                for moment in moments {
                    try db.execute(
                        """
                        INSERT INTO traffic (
                            deployment_key, at_ms, revision, arm, server, refusals, failures, agreements,
                            differences, latency
                        ) VALUES (1, \(moment), 1, 0, \(server), 0, 1, 3, 4, \(SQLValue.bytes(bytes)))
                        """
                    )
                }
            }
        }
    }

    /// Moment, server, failures, requests, and what agreed and did not, of each row.
    private static func rows(_ database: any Database) async throws -> [String] {
        let rows = try await database.read { db throws(MartletError) in
            try db.query(
                "SELECT at_ms, server, failures, latency, agreements, differences FROM traffic ORDER BY at_ms, server"
            )
        }
        return try rows.map { row in
            let latency = try LatencyHistogram(bytes: row.bytes(3))
            let compared = "\(row.integer(4))+\(row.integer(5))"
            return "\(row.integer(0))/\(row.text(1))/\(row.integer(2))/\(latency.count)/\(compared)"
        }
    }
}
