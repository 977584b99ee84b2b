import MartletCore
import MartletSearch
import MartletTestSupport
import MartletTracking
import Testing

@Suite("logging to runs")
struct LoggingTests {
    private static func metric(_ key: String, _ value: Double, step: Int64 = 0, at time: Int64 = 0) -> LoggedMetric {
        let point = MetricPoint(value: value, step: step, loggedAt: Timestamp(milliseconds: time))
        return LoggedMetric(metric: Metric(key: key, point: point))
    }

    @Test("the latest point is that of the greatest step, then time, then value", arguments: [true, false])
    func latest(inOneBatch: Bool) async throws {
        let world = try await TrackingWorld()
        let points = [
            Self.metric("m", 1, step: 5, at: 1), Self.metric("m", 9, step: 4, at: 9),
            Self.metric("m", 3, step: 5, at: 2),
            Self.metric("m", 2, step: 5, at: 2), Self.metric("m", .nan, step: 5, at: 2),
        ]
        for batch in inOneBatch ? [points] : points.map({ [$0] }) {
            try await world.logging.log(metrics: batch, to: world.run)
        }
        #expect(try await world.runs.run(world.run).metrics.map(\.point.value) == [3])
    }

    @Test("a batch that is refused in part leaves nothing")
    func atomicBatch() async throws {
        let world = try await TrackingWorld()
        try await world.logging.log(params: [Param(key: "p", value: "1")], to: world.run)
        let code = await refusal {
            try await world.logging.log(
                metrics: [Self.metric("m", 1)],
                params: [Param(key: "q", value: "1"), Param(key: "p", value: "2")],
                tags: [Tag(key: "t", value: "1")],
                to: world.run
            )
        }
        #expect(code == .invalidArgument)
        let run = try await world.runs.run(world.run)
        #expect(run.metrics.isEmpty)
        #expect(run.params == [Param(key: "p", value: "1")])
        #expect(run.tags.isEmpty)
    }

    @Test("a param may be logged again with the same value")
    func sameParam() async throws {
        let world = try await TrackingWorld()
        for _ in 0..<2 {
            try await world.logging.log(params: [Param(key: "p", value: "1")], to: world.run)
        }
        #expect(try await world.runs.run(world.run).params.count == 1)
    }

    @Test("a deleted run takes nothing, an unknown one is not found")
    func deletedRun() async throws {
        let world = try await TrackingWorld()
        try await world.runs.delete(world.run)
        #expect(await refusal { try await world.logging.log(tags: [], to: world.run) } == .invalidArgument)
        let unknown = try RunID(validating: "nobody")
        #expect(await refusal { try await world.logging.log(tags: [], to: unknown) } == .notFound)
    }

    @Test("concurrent writers of one param agree on one value")
    func racingParams() async throws {
        let world = try await TrackingWorld()
        let winners = await withTaskGroup(of: Bool.self) { group in
            for value in 0..<64 {
                group.addTask {
                    await refusal {
                        try await world.logging.log(params: [Param(key: "p", value: "\(value)")], to: world.run)
                    } == nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }
}

@Suite("metric histories")
struct MetricHistoryTests {
    @Test("pages of a history visit every point once, in order")
    func pages() async throws {
        let world = try await TrackingWorld()
        let histories = MetricHistoryService(database: world.database)
        let points = [1.0, .nan, -2, 0, 0.5].flatMap { value in
            (0..<4).map { MetricPoint(value: value, step: Int64($0 % 2), loggedAt: Timestamp(milliseconds: Int64($0))) }
        }
        try await world.logging.log(
            metrics: points.map { LoggedMetric(metric: Metric(key: "m", point: $0)) },
            to: world.run
        )
        let whole = try await histories.history(of: "m", in: world.run, limit: nil, after: nil)
        #expect(whole.items.count == 20)
        #expect(whole.next == nil)
        var paged: [MetricPoint] = []
        var position: [PageToken.Field]?
        repeat {
            let page = try await histories.history(of: "m", in: world.run, limit: 3, after: position)
            paged += page.items
            position = page.next
        } while position != nil
        // NaN equals nothing, so the texts are compared.
        #expect("\(paged)" == "\(whole.items)")
        #expect(whole.items.map(\.loggedAt) == whole.items.map(\.loggedAt).sorted())
    }

    @Test(
        "a sample has the first point, the last, and an even choice between",
        arguments: [
            (10, 3, [0, 4, 9]), (10, 4, [0, 3, 6, 9]), (10, 1, [9]), (3, 5, [0, 1, 2]), (0, 5, []),
        ] as [(Int, Int, [Int64])]
    )
    func sample(total: Int, count: Int, expected: [Int64]) async throws {
        let world = try await TrackingWorld()
        let histories = MetricHistoryService(database: world.database)
        try await world.logging.log(
            metrics: (0..<total).map { step in
                let point = MetricPoint(value: 0, step: Int64(step), loggedAt: Timestamp(milliseconds: 0))
                return LoggedMetric(metric: Metric(key: "m", point: point))
            },
            to: world.run
        )
        let sample = try await histories.sample(of: "m", in: world.run, count: count, steps: nil)
        #expect(sample.map(\.step) == expected)
    }
}
