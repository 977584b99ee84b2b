import MartletCore
import MartletJSON
import MartletLedger
import MartletRegistry
import MartletSearch
import MartletTestSupport
import Testing

@Suite("gates, approvals and rollbacks")
struct GateTests {
    private static func facts(accuracy: Double, dataset: String = "d1") -> SourceFacts {
        var facts = SourceFacts()
        facts.metrics = [
            Manifest.Metric(name: "accuracy", value: accuracy, step: 0, datasetName: "test", datasetDigest: dataset)
        ]
        return facts
    }

    private func policy(_ text: String) throws -> Policy {
        try Policy(JSONDocument(parsing: Array(text.utf8), depthMax: 20).root)
    }

    private func setPolicy(_ text: String, in world: SealingWorld) async throws {
        try await world.registry.stages.setPolicy(try self.policy(text), of: world.name, by: .tester)
    }

    private func move(
        _ number: Int64,
        to stage: String,
        in world: SealingWorld,
        from: String? = nil,
        revision: Int64? = nil,
        by actor: String = "mo"
    ) async throws -> StageMoveResult {
        let move = StageMove(
            .number(VersionNumber(number)),
            of: world.name,
            to: .name(try StageName(validating: stage)),
            expectedStage: try from.map { try StageName(validating: $0) },
            expectedRevision: revision
        )
        return try await world.registry.stages.move(move, by: Act(by: ActorName(trusted: actor), reason: "time"))
    }

    @Test("the standard policy warns of what production wants to know, and lets through")
    func standard() async throws {
        try await SealingWorld.with { world in
            try await world.register()
            let result = try await self.move(1, to: "production", in: world)
            #expect(result.version.stage == .production)
            #expect(!result.verdict.isOpen)
            #expect(result.verdict.mode == .warn)
            #expect(result.verdict.closed.map(\.name).contains("capture:signature"))
            let entry = try #require(
                try await world.registry.history.history(of: world.name, limit: 1).items.first
            )
            #expect(entry.action == .moveVersion)
            #expect(entry.json["warnings"] != nil)
        }
    }

    @Test("a threshold that is enforced refuses, and says by how much")
    func threshold() async throws {
        let facts = ["r1": Self.facts(accuracy: 0.81), "r2": Self.facts(accuracy: 0.95)]
        try await SealingWorld.with(facts: facts) { world in
            try await self.setPolicy(
                #"{"stages":{"production":{"mode":"enforce","thresholds":[{"metric":"accuracy","min":0.9}]}}}"#,
                in: world
            )
            for run in ["r1", "r2", "r3"] { try await world.register(run) }
            let error = await #expect(throws: MartletError.self) { try await self.move(1, to: "production", in: world) }
            #expect(error?.code == .gateClosed)
            #expect(error?.message.contains("0.81 is 0.09 below 0.9 on test") == true)
            #expect(try await self.move(2, to: "production", in: world).verdict.isOpen)
            let unmeasured = await #expect(throws: MartletError.self) {
                try await self.move(3, to: "production", in: world)
            }
            #expect(unmeasured?.message.contains("it was not measured") == true)
            #expect(try await self.move(3, to: "staging", in: world).version.stage == .staging)
        }
    }

    @Test("a metric that was logged after sealing counts, and says that it came late; a sealed one is not overridden")
    func lateMetrics() async throws {
        let late = Self.facts(accuracy: 0.99).metrics
        try await SealingWorld.with(
            facts: ["r2": Self.facts(accuracy: 0.5)],
            lateMetrics: ["r1": late, "r2": late]
        ) { world in
            try await self.setPolicy(
                """
                {"stages":{"production":{"mode":"enforce","requires":["metric"],
                "thresholds":[{"metric":"accuracy","min":0.9}]}}}
                """,
                in: world
            )
            try await world.register("r1")
            try await world.register("r2")
            let result = try await self.move(1, to: "production", in: world)
            #expect(result.verdict.gates.allSatisfy { $0.message.contains("logged after sealing") })
            let code = try await errorCode { _ = try await self.move(2, to: "production", in: world) }
            #expect(code == .gateClosed)
        }
    }

    @Test("a version must not be worse than production on the same dataset by more than a margin")
    func regression() async throws {
        let facts = [
            "r1": Self.facts(accuracy: 0.9), "r2": Self.facts(accuracy: 0.85), "r3": Self.facts(accuracy: 0.895),
            "r4": Self.facts(accuracy: 0.99, dataset: "other"),
        ]
        try await SealingWorld.with(facts: facts) { world in
            try await self.setPolicy(
                """
                {"stages":{"production":{"mode":"enforce","regressions":[{"metric":"accuracy","margin":0.01}]}}}
                """,
                in: world
            )
            for run in ["r1", "r2", "r3", "r4"] { try await world.register(run) }
            #expect(try await self.move(1, to: "production", in: world).verdict.isOpen)
            let worse = await #expect(throws: MartletError.self) { try await self.move(2, to: "production", in: world) }
            #expect(worse?.message.contains("worse by 0.05, at most 0.01 is allowed") == true)
            let unlike = await #expect(throws: MartletError.self) {
                try await self.move(4, to: "production", in: world)
            }
            #expect(unlike?.message.contains("not measured on a dataset") == true)
            #expect(try await self.move(3, to: "production", in: world).archived.map(\.number.rawValue) == [1])
        }
    }

    @Test("approvals count when they are by others than the author, each once")
    func approvals() async throws {
        try await SealingWorld.with { world in
            try await self.setPolicy(
                #"{"stages":{"production":{"mode":"enforce","approvals":2}}}"#,
                in: world
            )
            try await world.register(by: "ann")
            let production = try StageName(validating: "production")
            func approve(_ actor: String) async throws {
                let act = Act(by: ActorName(trusted: actor))
                _ = try await world.registry.stages.approve(
                    .number(VersionNumber(1)),
                    of: world.name,
                    for: production,
                    by: act
                )
            }
            #expect(try await errorCode { try await approve("ann") } == .permissionDenied)
            #expect(try await errorCode { try await approve("anonymous") } == .permissionDenied)
            try await approve("bob")
            try await approve("bob")
            let error = await #expect(throws: MartletError.self) { try await self.move(1, to: "production", in: world) }
            #expect(error?.message.contains("1 of 2 others than the author approved: bob") == true)
            try await approve("cy")
            #expect(try await self.move(1, to: "production", in: world).verdict.isOpen)
        }
    }

    @Test("who moves a version that somebody else has moved is told who, when and why")
    func lostRace() async throws {
        try await SealingWorld.with { world in
            let version = try await world.register()
            _ = try await self.move(1, to: "staging", in: world, revision: version.revision, by: "bob")
            let error = await #expect(throws: MartletError.self) {
                try await self.move(1, to: "production", in: world, revision: version.revision)
            }
            #expect(error?.code == .preconditionFailed)
            #expect(error?.message.contains("is in 'staging': bob moved there at") == true)
            #expect(error?.message.contains("because: time") == true)
            let code = try await errorCode {
                _ = try await self.move(1, to: "production", in: world, from: "candidate")
            }
            #expect(code == .preconditionFailed)
            #expect(try await self.move(1, to: "production", in: world, from: "staging").version.stage == .production)
        }
    }

    @Test("a rollback brings back what was there, a second one goes further back, and no gate is asked")
    func rollback() async throws {
        try await SealingWorld.with { world in
            for number in 1...3 {
                try await world.register("r\(number)")
                _ = try await self.move(Int64(number), to: "production", in: world)
            }
            try await self.setPolicy(
                #"{"stages":{"production":{"mode":"enforce","requires":["weights"]}}}"#,
                in: world
            )
            let production = try StageName(validating: "production")
            func rollBack() async throws -> StageMoveResult {
                try await world.registry.stages.rollBack(world.name, in: production, by: .tester)
            }
            let first = try await rollBack()
            #expect(first.version.number == VersionNumber(2))
            #expect(first.archived.map(\.number) == [VersionNumber(3)])
            #expect(
                try await world.registry.history.history(of: world.name, limit: 1).items[0].action == .rollBackVersion
            )
            #expect(try await rollBack().version.number == VersionNumber(1))
            #expect(try await errorCode { _ = try await rollBack() } == .conflict)
        }
    }

    @Test("a rollback passes over what was deleted")
    func rollbackOverDeleted() async throws {
        try await SealingWorld.with { world in
            for number in 1...3 {
                try await world.register("r\(number)")
                _ = try await self.move(Int64(number), to: "production", in: world)
            }
            try await world.registry.delete(2, of: world.name)
            let production = try StageName(validating: "production")
            let result = try await world.registry.stages.rollBack(world.name, in: production, by: .tester)
            #expect(result.version.number == VersionNumber(1))
        }
    }

    @Test("a model may have stages of its own, with the moves that it allows; MLflow sees the four it knows")
    func machine() async throws {
        try await SealingWorld.with { world in
            try await self.setPolicy(
                """
                {"stages":{},"machine":{"stages":[
                    {"name":"candidate","mlflowStage":"None"},{"name":"canary","mlflowStage":"Staging"},
                    {"name":"production","mlflowStage":"Production"},{"name":"archived","mlflowStage":"Archived"}],
                "transitions":[["candidate","canary"],["canary","production"],["production","archived"]]}}
                """,
                in: world
            )
            try await world.register()
            let skipping = await #expect(throws: MartletError.self) {
                try await self.move(1, to: "production", in: world)
            }
            #expect(skipping?.code == .conflict)
            #expect(skipping?.message.contains("move to canary, not to 'production'") == true)
            let moved = try await world.registry.move(1, of: world.name, to: .staging)
            #expect(moved.stageName.rawValue == "canary")
            #expect(moved.stage == .staging)
            let selector = try VersionSelector(validating: "canary")
            #expect(try await world.registry.versions.version(selector, of: world.name).number == moved.number)
            #expect(try await errorCode { _ = try await self.move(1, to: "staging", in: world) } == .invalidArgument)
            let taken = try await errorCode { try await self.setPolicy(#"{"stages":{}}"#, in: world) }
            #expect(taken == .conflict)
        }
    }

    @Test(
        "a policy that cannot be meant is refused",
        arguments: [
            "[]", #"{"stage":{}}"#, #"{"stages":{"nowhere":{"mode":"warn"}}}"#,
            #"{"stages":{"production":{"mode":"maybe"}}}"#,
            #"{"stages":{"production":{"mode":"warn","requires":["x"]}}}"#,
            #"{"stages":{"production":{"mode":"warn","thresholds":[{"metric":"a"}]}}}"#,
            #"{"stages":{"production":{"mode":"warn","regressions":[{"metric":"a","margin":-1}]}}}"#,
            #"{"stages":{"production":{"mode":"warn","approvals":-1}}}"#, #"{"stages":{},"retentionYears":-1}"#,
            #"{"stages":{},"machine":{"stages":[]}}"#,
            """
            {"stages":{},"machine":{"stages":[
            {"name":"a","mlflowStage":"None"},{"name":"b","mlflowStage":"Production"}]}}
            """,
            #"{"stages":{},"machine":{"stages":[{"name":"a","mlflowStage":"Production"}]}}"#,
            #"{"stages":{},"machine":{"stages":[{"name":"a","mlflowStage":"None"}],"transitions":[["a","b"]]}}"#,
        ]
    )
    func badPolicies(text: String) {
        #expect(throws: MartletError.self) { try self.policy(text) }
    }

    @Test("a policy reads back as it was written")
    func policyRoundTrip() throws {
        let policy = try self.policy(
            """
            {"retentionYears":3,"stages":{"production":{"mode":"enforce","requires":["weights","code"],
            "thresholds":[{"metric":"a","min":0.5,"max":1,"dataset":"d"}],
            "regressions":[{"metric":"loss","margin":0.1}],"approvals":2}},
            "machine":{"stages":[{"name":"candidate","mlflowStage":"None"},
            {"name":"production","mlflowStage":"Production"},
            {"name":"archived","mlflowStage":"Archived"}],"transitions":[["candidate","production"]]}}
            """
        )
        let again = try Policy(JSONDocument(parsing: policy.json.bytes, depthMax: 20).root)
        #expect(again == policy)
        #expect(policy.gates(of: try StageName(validating: "production")).regressions.first?.better == .lower)
    }
}
