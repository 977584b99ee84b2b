package import MartletCore
package import MartletRegistry
package import MartletRouting

/// A plan by which a version takes over a deployment in steps, and how far it is.
///
/// A class, since compilers have failed at asynchronous functions that return structs of its size.
package final class Rollout: Sendable {
    /// The words are stored, and never change.
    package enum State: String, Sendable, CaseIterable {
        /// Its first step is still to come.
        case scheduled
        case running
        case paused
        case done
        case aborted

        /// Whether anything is still to come.
        package var isOpen: Bool { self == .scheduled || self == .running || self == .paused }
    }

    let key: Int64
    let deploymentKey: Int64
    package let deployment: DeploymentName
    package let state: State
    package let plan: RolloutPlan
    /// What acts on its behalf say: who began it, and why.
    package let act: Act
    /// How many of the plan's steps have been taken.
    package let stepsDone: Int
    /// The revision that the last of them has written.
    package let revision: Int64?
    /// When the next one may be taken.
    package let dueAt: Timestamp
    /// Why it was paused or aborted, or could not take a step.
    package let remark: String?
    package let createdAt: Timestamp
    package let changedAt: Timestamp

    package init(
        key: Int64,
        deploymentKey: Int64,
        deployment: DeploymentName,
        state: State,
        plan: RolloutPlan,
        act: Act,
        stepsDone: Int,
        revision: Int64?,
        dueAt: Timestamp,
        remark: String?,
        createdAt: Timestamp,
        changedAt: Timestamp
    ) {
        self.key = key
        self.deploymentKey = deploymentKey
        self.deployment = deployment
        self.state = state
        self.plan = plan
        self.act = act
        self.stepsDone = stepsDone
        self.revision = revision
        self.dueAt = dueAt
        self.remark = remark
        self.createdAt = createdAt
        self.changedAt = changedAt
    }
}

/// What a roll-out is to do.
package struct RolloutPlan: Sendable, Hashable {
    private static let stepsMax = 20

    /// What the model was called.
    package let model: ModelName
    package let version: VersionNumber
    /// The version itself, whatever its model is called by now; `nil` of plans from before that was kept.
    let versionKey: Int64?
    package let arm: ArmName
    package let backend: Backend
    /// The shares that the version gets, one after the other; the last of all requests makes it the primary one.
    package let steps: [Share]
    /// How long each step lasts at least.
    package let pause: TimeSpan
    /// How many requests the version must have answered in a step before the next one.
    package let requestsMin: Int64
    /// What the first step makes the deployment's conditions; `nil` for those that it has.
    package let conditions: [Condition]?

    package init(
        model: ModelName,
        version: VersionNumber,
        versionKey: Int64? = nil,
        arm: ArmName,
        backend: Backend,
        steps: [Share],
        pause: TimeSpan,
        requestsMin: Int64,
        conditions: [Condition]?
    ) {
        self.model = model
        self.version = version
        self.versionKey = versionKey
        self.arm = arm
        self.backend = backend
        self.steps = steps
        self.pause = pause
        self.requestsMin = requestsMin
        self.conditions = conditions
    }

    /// - Throws: `invalidArgument` for steps that lead nowhere, or are too short for a condition.
    package func check(against present: [Condition]) throws(MartletError) {
        let isGrowing = zip(self.steps, self.steps.dropFirst()).allSatisfy { $0 < $1 }
        guard (1...Self.stepsMax).contains(self.steps.count), isGrowing, self.steps[0] > .none else {
            throw .invalid("A roll-out has 1 to \(Self.stepsMax) steps, each a larger share than the one before.")
        }
        guard self.steps.count > 1 else { return }
        guard let longest = (self.conditions ?? present).longestWindow, longest > self.pause else {
            return
        }
        throw .invalid("Steps of \(self.pause) are too short for a condition on \(longest): nothing would be judged.")
    }

    /// Returns what a step changes, counted from 0.
    package func change(ofStep number: Int) -> ArmChange<ArmDraft> {
        let share = self.steps[number]
        guard number == 0 else { return share == .all ? .promote(self.arm) : .reshare([self.arm: share]) }
        let draft = ArmDraft(
            .number(self.version),
            of: self.model,
            settledAs: self.versionKey,
            as: share == .all ? .primary : .canary,
            share: share,
            name: self.arm,
            backend: self.backend
        )
        return share == .all ? .release(draft) : .add(draft)
    }
}

extension Rollout {
    /// What is to be done now.
    package enum Move: Sendable, Equatable {
        case step
        /// For what is said.
        case wait(String)
    }

    /// - Parameters:
    ///   - freezes: When the deployment stays as it is.
    ///   - requests: How many the version has answered since the last step.
    package func move(at now: Timestamp, freezes: [FreezeWindow], requests: Int64) -> Move {
        switch self.state {
        case .done, .aborted: return .wait("nothing: it is \(self.state.rawValue)")
        case .paused: return .wait("somebody to resume it")
        case .scheduled, .running: break
        }
        guard self.dueAt <= now else { return .wait("\(self.dueAt.text)") }
        if let freeze = freezes.first(where: { $0.contains(now) }) {
            return .wait("the end of the freeze at \(freeze.end.text)")
        }
        guard self.stepsDone == 0 || requests >= self.plan.requestsMin else {
            return .wait("\(self.plan.requestsMin) requests to \(self.plan.arm), of which there were \(requests)")
        }
        return .step
    }
}
