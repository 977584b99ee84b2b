import MartletCore
import MartletDeployments
import MartletRegistry
import MartletRouting
import MartletWire

extension RolloutRecord {
    /// - Parameter reason: What it waits for, if that was asked.
    init(_ rollout: Rollout, waitsFor reason: String?) {
        var url: String?
        if case .url(let text) = rollout.plan.backend { url = text }
        self.init(
            deployment: rollout.deployment.rawValue,
            state: rollout.state.rawValue,
            model: rollout.plan.model.rawValue,
            version: rollout.plan.version.rawValue,
            arm: rollout.plan.arm.rawValue,
            url: url,
            steps: rollout.plan.steps.map { Int64($0.partsPerMillion) },
            stepsDone: Int64(rollout.stepsDone),
            everyMs: rollout.plan.pause.milliseconds,
            atLeast: rollout.plan.requestsMin,
            conditions: rollout.plan.conditions?.map(\.text),
            revision: rollout.revision,
            dueAt: rollout.dueAt.text,
            waitsFor: reason,
            remark: rollout.remark,
            actor: rollout.act.actor.rawValue,
            reason: rollout.act.reason,
            createdAt: rollout.createdAt.text,
            changedAt: rollout.changedAt.text
        )
    }
}

extension RolloutDraft {
    private static let requestsMinStandard: Int64 = 20
    private static let requestsMinMax: Int64 = 1_000_000_000

    init(_ request: RolloutRequest) throws(MartletError) {
        let pause = try TimeSpan(validatingMilliseconds: request.everyMs)
        let requestsMin = request.atLeast ?? Self.requestsMinStandard
        guard (0...Self.requestsMinMax).contains(requestsMin) else {
            throw .invalid("'atLeast' is a number from 0 to \(Self.requestsMinMax).")
        }
        self.init(
            model: try ModelName(validating: request.model, parameter: "model"),
            version: try VersionSelector(validating: request.version),
            arm: try request.name.map { name throws(MartletError) in try ArmName(validating: name) },
            backend: try request.url.map { url throws(MartletError) in try Backend(url: url) } ?? .supervised,
            steps: try request.steps.map { parts throws(MartletError) in try Share(partsPerMillion: parts) },
            pause: pause,
            requestsMin: requestsMin,
            conditions: try request.conditions.map { texts throws(MartletError) in
                try texts.map { text throws(MartletError) in try Condition(validating: text) }
            },
            start: try request.start.map { text throws(MartletError) in try Timestamp(text: text) }
        )
    }
}
