import MartletCore
import MartletDeployments
import MartletSQL
import Testing

@Suite("The pace of looks")
struct LookPaceTests {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000 + seconds * 1_000) }

    /// A deployment that is looked at every five seconds.
    private static func deployment() async throws -> Deployment {
        let world = try await SealedWorld(hours: 1)
        let settings = #"{"conditions":["error rate over 2% for 5m on 150 requests: notify"]}"#
        try await world.database.write { db throws(MartletError) in
            try db.execute("UPDATE deployment_revision SET settings = \(settings) WHERE deployment_key = 1")
            try db.execute("UPDATE deployment_head SET change = 1")
        }
        let table = RouteTable(database: world.database)
        try await table.refresh()
        return try #require(table.route(to: "bot")).deployment
    }

    @Test("is a part of the shortest time that a deployment's conditions name")
    func pause() async throws {
        let deployment = try await Self.deployment()
        let pace = LookPace()
        #expect(pace.admits(deployment, at: Self.time(0)))
        #expect(!pace.admits(deployment, at: Self.time(4)))
        #expect(pace.admits(deployment, at: Self.time(5)))
    }

    @Test("stays the same when the clock is set back")
    func setBack() async throws {
        let deployment = try await Self.deployment()
        let pace = LookPace()
        #expect(pace.admits(deployment, at: Self.time(3_600)))
        #expect(pace.admits(deployment, at: Self.time(0)))
        #expect(!pace.admits(deployment, at: Self.time(4)))
        #expect(pace.admits(deployment, at: Self.time(5)))
    }
}
