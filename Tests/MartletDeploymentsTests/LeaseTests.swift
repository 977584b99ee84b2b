import MartletCore
import MartletDeployments
import Testing

@Suite("Leases")
struct LeaseTests {
    private static func time(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000 + seconds * 1_000) }

    /// The same one, as two ask for it.
    private static func leases() async throws -> (one: Lease, other: Lease) {
        let database = try await SealedWorld(hours: 1).database
        return (
            Lease(name: "watching", holder: "one", database: database),
            Lease(name: "watching", holder: "other", database: database)
        )
    }

    @Test("are somebody else's when their time is over, and not before")
    func over() async throws {
        let (one, other) = try await Self.leases()
        #expect(try await one.take(at: Self.time(0)))
        #expect(try await !other.take(at: Self.time(5)))
        #expect(try await one.take(at: Self.time(5)))
        #expect(try await !other.take(at: Self.time(10)))
        #expect(try await other.take(at: Self.time(11)))
        #expect(try await !one.take(at: Self.time(12)))
    }

    @Test("that were taken by a clock far ahead hold nobody up")
    func setBack() async throws {
        let (one, other) = try await Self.leases()
        #expect(try await one.take(at: Self.time(86_400)))
        #expect(try await other.take(at: Self.time(0)))
        #expect(try await !one.take(at: Self.time(1)))
    }

    @Test("that were taken by a clock far ahead are as long as usual when they are kept")
    func kept() async throws {
        let (one, other) = try await Self.leases()
        #expect(try await one.take(at: Self.time(86_400)))
        #expect(try await one.take(at: Self.time(0)))
        #expect(try await !other.take(at: Self.time(5)))
        #expect(try await other.take(at: Self.time(6)))
    }

    @Test("are not taken away by a clock that is a little behind")
    func behind() async throws {
        let (one, other) = try await Self.leases()
        #expect(try await one.take(at: Self.time(4)))
        #expect(try await !other.take(at: Self.time(0)))
    }
}
