import MartletCore
import MartletSearch
import MartletTracking
import Testing

@Suite("searches for logged models")
struct LoggedModelSearchTests {
    @Test(
        "a search finds the models that meet every condition",
        arguments: [
            ([], ["wren", "tern", "crow"]),
            ([.text(.name, .equals("tern"))], ["tern"]),
            ([.text(.name, .oneOf(["wren", "crow"])), .text(.name, .differs("crow"))], ["wren"]),
            ([.text(.status, .equals("READY"))], ["tern"]),
            ([.text(.sourceRunID, .equals(""))], ["wren", "tern", "crow"]),
            ([.text(.experimentID, .equals("1"))], ["wren", "tern", "crow"]),
            ([.time(.updatedAt, NumberCondition(.less, 0))], []),
            ([.param("depth", .equals("2"))], ["tern"]),
            ([.param("depth", .differs("2"))], ["crow"]),
            ([.tag("owner", .like("A%"))], ["crow"]),
            // Any point counts, not only the newest.
            ([.metric("loss", NumberCondition(.greater, 0.8))], ["tern"]),
            ([.metric("loss", NumberCondition(.equals, 0))], []),
            ([.metric("loss", NumberCondition(.differs, 0.2))], ["wren", "tern"]),
        ] as [([LoggedModelCondition], [String])]
    )
    func conditions(_ conditions: [LoggedModelCondition], _ names: [String]) async throws {
        let world = try await TrackingWorld.withThreeModels()
        #expect(try await world.names(conditions: conditions) == names)
    }

    @Test("datasets narrow the metrics that a search looks at, or else ask for any metric on them")
    func datasets() async throws {
        let world = try await TrackingWorld.withThreeModels()
        let named = MeasuredDataset(name: "birds", digest: nil)
        let digested = MeasuredDataset(name: "birds", digest: "d2")
        let other = MeasuredDataset(name: "fish", digest: nil)
        #expect(try await world.names(datasets: [named]) == ["tern", "crow"])
        #expect(try await world.names(datasets: [other, digested]) == ["crow"])
        #expect(try await world.names(datasets: [other]).isEmpty)
        let isLow = LoggedModelCondition.metric("loss", NumberCondition(.less, 0.8))
        #expect(try await world.names(conditions: [isLow]) == ["tern", "crow"])
        #expect(try await world.names(conditions: [isLow], datasets: [named]) == ["crow"])
    }

    @Test("models are sorted by a metric's newest point: numbers, then NaN, then models without it")
    func orderByMetric() async throws {
        let world = try await TrackingWorld.withThreeModels()
        _ = try await world.create("kite")
        let loss = LoggedModelOrder.Key.metric("loss", on: nil)
        #expect(
            try await world.names(order: [LoggedModelOrder(loss, ascending: true)]) == ["tern", "crow", "wren", "kite"]
        )
        #expect(
            try await world.names(order: [LoggedModelOrder(loss, ascending: false)]) == [
                "crow", "tern", "wren", "kite",
            ]
        )
        let onBirds = LoggedModelOrder.Key.metric("loss", on: MeasuredDataset(name: "birds", digest: "d1"))
        #expect(
            try await world.names(order: [LoggedModelOrder(onBirds, ascending: true)])
                == ["tern", "kite", "wren", "crow"]
        )
    }

    @Test("models are sorted by status in the order of their lives, then newest first")
    func orderByStatus() async throws {
        let world = try await TrackingWorld.withThreeModels()
        let order = [LoggedModelOrder(.text(.status), ascending: false)]
        #expect(try await world.names(order: order) == ["tern", "wren", "crow"])
    }

    @Test("pages show every model once, whatever is created while they are turned")
    func pages() async throws {
        let world = try await TrackingWorld()
        for number in 1...7 { _ = try await world.create("model-\(number)") }
        var query = LoggedModelQuery(experiments: [world.experiment], limit: 3)
        var names: [String] = []
        repeat {
            let page = try await world.models.search(query)
            names += page.items.map(\.info.name)
            query.position = page.next
            _ = try await world.create("late")
        } while query.position != nil
        #expect(names == (1...7).reversed().map { "model-\($0)" })
    }

    @Test("pages of an order by metric go on where they ended")
    func pagesByMetric() async throws {
        let world = try await TrackingWorld.withThreeModels()
        var query = LoggedModelQuery(
            experiments: [world.experiment],
            order: [LoggedModelOrder(.metric("loss", on: nil), ascending: false)],
            limit: 1
        )
        var names: [String] = []
        repeat {
            let page = try await world.models.search(query)
            names += page.items.map(\.info.name)
            query.position = page.next
        } while query.position != nil
        #expect(names == ["crow", "tern", "wren"])
    }

    @Test("a position of another order is refused")
    func foreignPosition() async throws {
        let world = try await TrackingWorld()
        let query = LoggedModelQuery(experiments: [world.experiment], limit: 1, position: [.integer(1)])
        #expect(await refusal { _ = try await world.models.search(query) } == .invalidArgument)
    }

    @Test("a search of several experiments finds the models of each, and of no other")
    func experiments() async throws {
        let world = try await TrackingWorld()
        _ = try await world.create("wren")
        let second = try await world.experiments.create(named: "second", tags: []) { "store:/\($0)" }
        _ = try await world.models.create(NewLoggedModel(experimentID: second, name: "tern"))
        let both = LoggedModelQuery(experiments: [world.experiment, second], limit: 9)
        #expect(try await world.models.search(both).items.map(\.info.name) == ["tern", "wren"])
        #expect(try await world.names() == ["wren"])
        #expect(try await world.models.search(LoggedModelQuery(experiments: [], limit: 9)).items.isEmpty)
    }
}
