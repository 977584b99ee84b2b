import MartletCore
import MartletDeployments
import MartletRouting
import MartletTestSupport
import Testing

@Suite("Pages of decisions")
struct DecisionPageTests {
    @Test("each decision comes with its own outcomes and shadows, in as many statements for one as for many")
    func decisions() async throws {
        let observed = ObservedDatabase(try await SealedWorld(hours: 10).database)
        let world = try await SealedWorld(hours: 10, database: observed)
        let answered = try await Self.fill(world, count: 5)
        let (service, bot) = (world.service, try DeploymentName(validating: "bot"))
        var counts: [Int] = []
        for count in [1, 5] {
            let first = try await observed.count {
                let page = try await service.decisions(about: "ann", in: bot, limit: 2 * count).filter { !$0.isShadow }
                #expect(page.map(\.decision.id) == answered.prefix(count).map(\.id))
                #expect(page.map { $0.outcomes.map(\.metric) } == page.map { ["m\($0.decision.status)", "n"] })
                #expect(page.map { $0.shadows.map(\.decision.shadowOf) } == page.map { [$0.decision.id] })
            }
            let second = try await observed.count {
                let page = try await service.differences(in: bot, limit: count)
                #expect(page.map(\.decision.shadowOf) == answered.prefix(count).map(\.id))
                #expect(page.allSatisfy { $0.outcomes.isEmpty && $0.shadows.isEmpty })
            }
            counts += [first, second]
        }
        #expect(Set(counts).count == 1, "\(counts)")
    }

    /// Writes decisions about ann, each with a shadow that differs and two outcomes; returns them, the newest first.
    private static func fill(_ world: SealedWorld, count: Int) async throws -> [Decision] {
        let log = world.log()
        let subject = SubjectHash(Array("ann".utf8), salt: try RoutingSalt(Array("salt".utf8)))
        var decisions: [Decision] = []
        for index in 0..<count {
            let decision = world.decision(atMilliseconds: Int64(2 * index), about: subject, status: 200 + index)
            var shadow = decision.copy(world.decision(atMilliseconds: Int64(2 * index + 1)).id, to: 0)
            shadow.agreement = .different
            for record in [decision, shadow] { log.offer(record) }
            decisions.append(decision)
        }
        try await log.flush()
        for decision in decisions {
            let values = ["n": 1, "m\(decision.status)": 2.0]
            try await world.service.tell(values, of: decision.id, by: Act(by: ActorName(trusted: "ann")))
        }
        return decisions.reversed()
    }
}

extension ExplainedDecision {
    fileprivate var isShadow: Bool { self.decision.shadowOf != nil }
}
