package import MartletCore
import MartletJSON
import MartletLedger
import MartletRegistry
import MartletRouting
package import MartletSQL

/// Lets versions take over deployments step by step.
package struct RolloutService: Sendable {
    private static let rowsPerRead = 100
    /// How long a first step that is taken at once is left to whoever asked for it: the server may be gone.
    private static let firstStepPatience = TimeSpan(milliseconds: 300_000)

    private let database: any Database
    private let surroundings: Surroundings
    private let deployments: DeploymentService

    package init(database: any Database, surroundings: Surroundings, deployments: DeploymentService) {
        self.database = database
        self.surroundings = surroundings
        self.deployments = deployments
    }

    /// Begins a roll-out; its first step is taken before this returns, unless it is to begin later.
    ///
    /// - Parameter revision: The one that must be in force; `nil` for whichever is.
    /// - Throws: `conflict` when another one is under way, or the version serves already; `preconditionFailed` when
    ///   another revision is in force than was expected; what a deployment of the version throws.
    package func begin(
        _ draft: RolloutDraft,
        of name: DeploymentName,
        expecting revision: Int64? = nil,
        by act: Act
    ) async throws(MartletError) -> Rollout {
        let now = self.surroundings.now()
        let start = max(draft.start ?? now, now)
        let dueAt = start > now ? start : now + Self.firstStepPatience
        let rollout = try await self.database.write { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            try deployment.require(revision: revision, on: db)
            let present = try deployment.revision(deployment.revision, on: db)
            let plan = try RolloutPlan(draft, on: db)
            try plan.check(against: present.settings.conditions)
            if present.arms.contains(where: { $0.name == plan.arm }) {
                throw MartletError(.conflict, "'\(plan.arm)' serves already in '\(name)'.")
            }
            let last = try Rollout.newest(of: deployment.key, on: db)
            guard last?.state.isOpen != true else {
                throw MartletError(.conflict, "A roll-out of '\(name)' is under way: abort it first.")
            }
            try db.execute(RolloutQueries.insert(plan, of: deployment.key, by: act, dueAt: dueAt, at: now))
            guard let rollout = try Rollout.newest(of: deployment.key, on: db) else {
                throw MartletError(.internal, "a roll-out that was just written is missing")
            }
            try Ledger.append(rollout.event(.beginRollout, by: act, at: now, rollout.plan.details(from: start)), on: db)
            return rollout
        }
        guard start <= now else { return rollout }
        try await self.takeFirst(rollout, by: act)
        return try await self.rollout(of: name).rollout
    }

    private func takeFirst(_ rollout: Rollout, by act: Act) async throws(MartletError) {
        do throws(MartletError) {
            try await self.take(rollout, by: act)
        } catch {
            // After very long, another server has taken the step.
            let present = try? await self.rollout(of: rollout.deployment).rollout
            if let present, present.key == rollout.key, present.stepsDone > 0 { return }
            // Who asked learns the reason, so nobody has to look at a plan that could not begin.
            let now = self.surroundings.now()
            try await self.apply(RolloutTurn(.abort, by: act, at: now, remark: error.message), to: rollout)
            throw error
        }
    }

    /// Returns a deployment's newest roll-out, and what it waits for.
    package func rollout(of name: DeploymentName) async throws(MartletError) -> (rollout: Rollout, waitsFor: String?) {
        let now = self.surroundings.now()
        return try await self.database.read(.search) { db throws(MartletError) in
            let rollout = try Self.find(name, on: db)
            guard rollout.state.isOpen else { return (rollout, nil) }
            guard case .wait(let reason) = try Self.move(rollout, at: now, on: db) else { return (rollout, nil) }
            return (rollout, reason)
        }
    }

    /// Leaves everything as it is until it is resumed.
    package func pause(
        _ name: DeploymentName,
        expecting revision: Int64? = nil,
        by act: Act
    ) async throws(MartletError) -> Rollout {
        try await self.turn(name, .pause, expecting: revision, act)
    }

    /// Goes on with what was paused; a step whose time has come meanwhile is taken soon.
    package func resume(
        _ name: DeploymentName,
        expecting revision: Int64? = nil,
        by act: Act
    ) async throws(MartletError) -> Rollout {
        try await self.turn(name, .resume, expecting: revision, act)
    }

    /// Takes no more steps; what serves stays as it is.
    package func abort(
        _ name: DeploymentName,
        expecting revision: Int64? = nil,
        by act: Act
    ) async throws(MartletError) -> Rollout {
        try await self.turn(name, .abort, expecting: revision, act)
    }

    private func turn(
        _ name: DeploymentName,
        _ kind: RolloutTurn.Kind,
        expecting revision: Int64?,
        _ act: Act
    ) async throws(MartletError) -> Rollout {
        let turn = RolloutTurn(kind, by: act, at: self.surroundings.now())
        try await self.database.write { db throws(MartletError) in
            let rollout = try Self.find(name, on: db)
            try FoundDeployment.find(name, on: db).require(revision: revision, on: db)
            guard try turn.apply(to: rollout, on: db) else {
                throw MartletError(.conflict, "The roll-out of '\(name)' is \(rollout.state.rawValue).")
            }
        }
        return try await self.rollout(of: name).rollout
    }

    /// Turns a roll-out unless something else has become of it since it was read.
    private func apply(_ turn: RolloutTurn, to rollout: Rollout) async throws(MartletError) {
        try await self.database.write { db throws(MartletError) in
            guard let present = try Rollout.newest(of: rollout.deploymentKey, on: db),
                present.key == rollout.key, present.stepsDone == rollout.stepsDone
            else { return }
            try turn.apply(to: present, on: db)
        }
    }

    private static func find(_ name: DeploymentName, on db: any Connection) throws(MartletError) -> Rollout {
        let deployment = try FoundDeployment.find(name, on: db)
        guard let rollout = try Rollout.newest(of: deployment.key, on: db) else {
            throw MartletError(.notFound, "There was no roll-out of '\(name)'.")
        }
        return rollout
    }
}

/// Going on.
extension RolloutService {
    /// Returns roll-outs whose next step can be taken.
    func ready() async throws(MartletError) -> [Rollout] {
        let now = self.surroundings.now()
        return try await self.database.read(.search) { db throws(MartletError) in
            var (ready, last): ([Rollout], Rollout?) = ([], nil)
            while true {
                // Most of those that are due may wait for something else.
                let rows = try db.query(RolloutQueries.due(at: now, after: last?.key ?? 0, limit: Self.rowsPerRead))
                for row in rows {
                    let rollout = try RolloutQueries.decode(row)
                    if try Self.move(rollout, at: now, on: db) == .step { ready.append(rollout) }
                    last = rollout
                }
                guard rows.count == Self.rowsPerRead else { return ready }
            }
        }
    }

    /// Returns a roll-out's deployment as it is now; `nil` when it was taken away.
    func deployment(of rollout: Rollout) async throws(MartletError) -> Deployment? {
        try await self.database.read { db throws(MartletError) in
            let found = try FoundDeployment.findIfAny(rollout.deployment, on: db)
            return found?.key == rollout.deploymentKey ? try found?.load(on: db) : nil
        }
    }

    /// Takes the next step, unless something has become of the roll-out since it was read.
    func advance(_ rollout: Rollout) async throws(MartletError) {
        let now = self.surroundings.now()
        let isReady = try await self.database.read(.search) { db throws(MartletError) in
            guard let present = try Rollout.newest(of: rollout.deploymentKey, on: db),
                present.key == rollout.key, present.stepsDone == rollout.stepsDone
            else { return false }
            return try Self.move(present, at: now, on: db) == .step
        }
        if isReady { try await self.takeNext(rollout) }
    }

    /// Notes why a step was not taken that could be.
    func note(_ error: MartletError, at rollout: Rollout) async throws(MartletError) {
        let remark = "\(rollout.step) was not taken yet: \(error.message)"
        let now = self.surroundings.now()
        try await self.database.write(.only(WriteKey("rollout", "\(rollout.key)"))) { db throws(MartletError) in
            try db.execute(RolloutQueries.note(remark, of: rollout, at: now))
        }
    }

    private func takeNext(_ rollout: Rollout) async throws(MartletError) {
        let reason = rollout.act.reason.map { ": \($0)" } ?? ""
        let step = rollout.step
        do throws(MartletError) {
            try await self.take(
                rollout,
                by: Act(by: Watcher.actor, reason: "\(step) of the roll-out that \(rollout.act.actor) began\(reason)")
            )
        } catch {
            switch error.code {
            // Somebody was faster.
            case .preconditionFailed: break
            // Of a deployment that is gone there is nothing left to pause.
            case .conflict, .invalidArgument, .notFound:
                let remark = "\(step) is impossible: \(error.message)"
                let act = Act(by: Watcher.actor, reason: remark)
                let turn = RolloutTurn(.pause, by: act, at: self.surroundings.now(), remark: remark)
                try await self.apply(turn, to: rollout)
            default: throw error
            }
        }
    }

    private func take(_ rollout: Rollout, by act: Act) async throws(MartletError) {
        var change = DeploymentChange(
            rollout.plan.change(ofStep: rollout.stepsDone),
            settings: rollout.stepsDone == 0 ? try rollout.plan.settings : nil
        )
        change.stepped = rollout
        _ = try await self.deployments.deploy(change, to: rollout.deployment, by: act)
    }

    private static func move(
        _ rollout: Rollout,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> Rollout.Move {
        let found = try FoundDeployment.find(key: rollout.deploymentKey, on: db)
        let present = try found.revision(found.revision, on: db)
        var requests: Int64 = 0
        if let first = rollout.revision, let place = present.arms.firstIndex(where: { $0.name == rollout.plan.arm }) {
            // Since the last step no arm has changed, or it would have been aborted.
            for number in first...present.number {
                let rows = TrafficQueries.rows(of: found.key, revision: number, after: rollout.createdAt)
                for row in try db.query(rows) where Int(row.integer(1)) == place {
                    requests += try TrafficQueries.decode(row, of: found.key).sums.requests
                }
            }
        }
        return rollout.move(at: now, freezes: present.settings.freezes, requests: requests)
    }
}

extension Rollout {
    /// The next one, in words.
    fileprivate var step: String { "step \(self.stepsDone + 1) of \(self.plan.steps.count)" }
}

extension RolloutPlan {
    /// Settles what a draft's names mean.
    fileprivate init(_ draft: RolloutDraft, on db: any Connection) throws(MartletError) {
        let version = ServedVersion(try ServableVersion.find(draft.version, of: draft.model, on: db))
        let standardName = try ArmName(validating: version.label)
        self.init(
            model: version.model,
            version: version.number,
            versionKey: version.key,
            arm: draft.arm ?? standardName,
            backend: draft.backend,
            steps: draft.steps,
            pause: draft.pause,
            requestsMin: draft.requestsMin,
            conditions: draft.conditions
        )
    }

    /// What the first step changes of the deployment's settings.
    fileprivate var settings: JSONValue? {
        get throws(MartletError) {
            guard let storedConditions else { return nil }
            let text = "{\"conditions\":\(storedConditions)}"
            guard let document = try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth) else {
                throw MartletError(.internal, "settings that were just written cannot be read")
            }
            return document.root
        }
    }
}
