import MartletCore
import MartletDeployments
import MartletRegistry
import MartletRouting
import MartletTestSupport
import Testing

@Suite("Roll-outs")
struct RolloutTests {
    private static let now = Timestamp(milliseconds: 1_000_000)

    private static func plan(
        _ steps: String...,
        pause: String = "5m",
        requestsMin: Int64 = 100,
        conditions: [String]? = nil
    ) throws -> RolloutPlan {
        RolloutPlan(
            model: try ModelName(validating: "iris"),
            version: VersionNumber(2),
            arm: try ArmName(validating: "iris@1.1.0"),
            backend: try Backend(url: "http://127.0.0.1:1"),
            steps: try steps.map { try Share($0) },
            pause: try TimeSpan(validating: pause),
            requestsMin: requestsMin,
            conditions: try conditions?.map { try Condition(validating: $0) }
        )
    }

    private static func rollout(
        _ state: Rollout.State = .running,
        stepsDone: Int = 1,
        dueIn milliseconds: Int64 = 0
    ) throws -> Rollout {
        Rollout(
            key: 1,
            deploymentKey: 1,
            deployment: try DeploymentName(validating: "bot"),
            state: state,
            plan: try self.plan("1%", "10%", "100%"),
            act: Act(by: .anonymous),
            stepsDone: stepsDone,
            revision: stepsDone == 0 ? nil : 2,
            dueAt: Timestamp(milliseconds: self.now.milliseconds + milliseconds),
            remark: nil,
            createdAt: Timestamp(milliseconds: 0),
            changedAt: Timestamp(milliseconds: 0)
        )
    }

    @Test("take a step when its time has come and the version was asked often enough")
    func step() throws {
        #expect(try Self.rollout().move(at: Self.now, freezes: [], requests: 100) == .step)
        #expect(try Self.rollout(.scheduled, stepsDone: 0).move(at: Self.now, freezes: [], requests: 0) == .step)
    }

    @Test(
        "wait for what they say",
        arguments: [
            (Rollout.State.running, Int64(1), Int64(100), "1970"), (.running, 0, 99, "100 requests"),
            (.paused, 0, 100, "resume"), (.done, 0, 100, "done"), (.aborted, 0, 100, "aborted"),
            (.scheduled, 1, 0, "1970"),
        ]
    )
    func wait(state: Rollout.State, dueIn: Int64, requests: Int64, reason: String) throws {
        let rollout = try Self.rollout(state, stepsDone: state == .scheduled ? 0 : 1, dueIn: dueIn)
        guard case .wait(let said) = rollout.move(at: Self.now, freezes: [], requests: requests) else {
            Issue.record("it takes a step")
            return
        }
        #expect(said.contains(reason))
    }

    @Test(
        "are held up by a freeze until it ends",
        arguments: [(-1, 1, true), (0, 1, true), (-1, 0, false), (1, 2, false)]
    )
    func freeze(start: Int64, end: Int64, isHeld: Bool) throws {
        let freeze = try FreezeWindow(
            start: Timestamp(milliseconds: Self.now.milliseconds + start),
            end: Timestamp(milliseconds: Self.now.milliseconds + end),
            reason: ""
        )
        let move = try Self.rollout().move(at: Self.now, freezes: [freeze], requests: 100)
        #expect((move != .step) == isHeld)
    }

    @Test("begin with a canary, give it more, and make it the primary version")
    func changes() throws {
        let plan = try Self.plan("1%", "10%", "100%")
        guard case .add(let draft) = plan.change(ofStep: 0), case .reshare(let shares) = plan.change(ofStep: 1),
            case .promote(let arm) = plan.change(ofStep: 2)
        else {
            Issue.record("the steps are others")
            return
        }
        #expect((draft.role, draft.share) == (.canary, try Share("1%")))
        #expect(shares == [plan.arm: try Share("10%")])
        #expect(arm == plan.arm)
        guard case .release(let only) = try Self.plan("100%").change(ofStep: 0) else {
            Issue.record("one step to everything is no release")
            return
        }
        #expect((only.role, only.share) == (.primary, .all))
    }

    @Test("lead somewhere, in steps that are long enough to be judged")
    func check() throws {
        let long = [try Condition(validating: "error rate over 2% for 10m: roll back")]
        try Self.plan("1%", "10%").check(against: [])
        try Self.plan("100%").check(against: long)
        try Self.plan("1%", "10%", pause: "10m").check(against: long)
        try Self.plan("1%", "10%", conditions: []).check(against: long)
        let refused = [
            try Self.plan(), try Self.plan("0%", "10%"), try Self.plan("10%", "10%"), try Self.plan("10%", "1%"),
        ]
        for plan in refused { #expect(throws: MartletError.self) { try plan.check(against: []) } }
        #expect(throws: MartletError.self) { try Self.plan("1%", "10%").check(against: long) }
        #expect(throws: MartletError.self) {
            try Self.plan("1%", "10%", conditions: ["p99 over 1s for 6m: notify"]).check(against: [])
        }
    }
}
