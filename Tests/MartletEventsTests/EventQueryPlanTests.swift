import MartletCore
import MartletEvents
import MartletSQL
import MartletTestSupport
import Testing

@Suite("plans of the hottest statements of events on SQLite")
struct EventQueryPlanTests {
    @Test("telling of a change looks at nothing that is over, and neither does looking for what is due")
    func plans() async throws {
        let observed = try await ObservedDatabase(EventsWorld.migrations, on: .sqlite)
        let world = try await EventsWorld(database: observed)
        try await world.listen()
        let telling = try await observed.plan { try await world.happen() }
        Self.expectProbes(telling)
        #expect(telling.contains("SEARCH k USING PRIMARY KEY (kind=?)"))
        #expect(telling.contains("SEARCH delivery USING INDEX delivery_head (webhook_key=? AND subject=?)"))
        #expect(telling.contains("SEARCH delivery USING INDEX delivery_line (webhook_key=? AND subject=?)"))
        let delivering = try await observed.plan { try await world.deliverer.deliverDue() }
        Self.expectProbes(delivering)
        #expect(delivering.contains("SEARCH d USING INDEX delivery_by_due (due_ms<?)"))
    }

    private static func expectProbes(_ plan: [String]) {
        // The index of what is being sent has a row for each that is.
        let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.contains("delivery_taken") && !$0.contains("CONSTANT") }
        #expect(scans.filter { !$0.hasPrefix("SCAN line") } == [])
        #expect(plan.filter { $0.contains("TEMP B-TREE") } == [])
        #expect(plan.filter { $0.contains("delivery_of_webhook") } == [])
    }
}
