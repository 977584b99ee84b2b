import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

/// Carries out a move inside a transaction.
struct StageMoving {
    let move: StageMove
    let act: Act
    let now: Timestamp
    /// Whether this brings back what was there before, for which no gate is asked.
    let isRollback: Bool
    let sources: any SourceDirectory

    func run(on db: any Connection) throws(MartletError) -> StageMoveResult {
        let found = try FoundVersion.find(self.move.version, of: self.move.model, on: db)
        try self.requireExpected(found, on: db)
        let policy = try Policy.find(of: found.modelKey, on: db)
        let state = try self.state(policy.machine)
        // What was there may come back, whichever moves there are.
        if !self.isRollback { try policy.machine.require(from: found.version.stageName, to: state.name) }
        let verdict = try self.verdict(found, state, policy, on: db)
        var changes = try self.makeRoom(for: found, in: state, policy.machine, on: db)
        // One that is there already stays, and whoever put it there did.
        let isThere = found.version.stageName == state.name
        if !isThere { changes.append(StageChange(found, to: state, self.event(found, state, verdict))) }
        var moved = try StageChange.write(changes, at: self.now, on: db)
        let last = isThere ? found : moved.removeLast()
        if !isThere { try db.execute(RegisteredModelQueries.touch(found.modelKey, at: self.now)) }
        return StageMoveResult(
            version: try ModelVersionService.load(last, from: db),
            archived: moved.map(\.version),
            verdict: verdict
        )
    }

    private func state(_ machine: StageMachine) throws(MartletError) -> StageMachine.State {
        switch self.move.target {
        case .name(let name): try machine.state(name)
        case .stage(let stage): try machine.state(stage)
        }
    }

    /// - Throws: `preconditionFailed` that says who moved it, when it is not where it is believed to be.
    private func requireExpected(_ found: FoundVersion, on db: any Connection) throws(MartletError) {
        let version = found.version
        let isExpected =
            (self.move.expectedStage ?? version.stageName) == version.stageName
            && (self.move.expectedRevision ?? version.revision) == version.revision
        guard !isExpected else { return }
        let what = "Version \(version.number) of '\(version.name)' is in '\(version.stageName)'"
        guard version.revision >= 0, let last = try Ledger.reading(version.revision, on: db) else {
            throw MartletError(.preconditionFailed, "\(what).")
        }
        let reason = last.reason.map { ", because: \($0)" } ?? ""
        let verb = last.action == .registerVersion ? "registered" : "moved there"
        throw MartletError(.preconditionFailed, "\(what): \(last.actor) \(verb) at \(last.at.text)\(reason).")
    }

    /// - Throws: `gateClosed` when a gate is closed that is enforced.
    private func verdict(
        _ found: FoundVersion,
        _ state: StageMachine.State,
        _ policy: Policy,
        on db: any Connection
    ) throws(MartletError) -> GateVerdict {
        guard !self.isRollback, found.version.stageName != state.name else {
            return GateVerdict(stage: state.name, mode: policy.gates(of: state.name).mode, gates: [])
        }
        let verdict = try GateEvidence.verdict(on: found, entering: state.name, policy, self.sources, on: db)
        guard verdict.isOpen || verdict.mode == .warn else { throw MartletError(.gateClosed, verdict.refusal) }
        return verdict
    }

    /// Says what must be archived. First of all, because the version may be one of those that are there.
    private func makeRoom(
        for found: FoundVersion,
        in state: StageMachine.State,
        _ machine: StageMachine,
        on db: any Connection
    ) throws(MartletError) -> [StageChange] {
        guard self.move.archivesOthers ?? (state.stage == .production) else { return [] }
        guard state.stage.isActive else {
            throw .invalid(
                "Model version transition cannot archive existing model versions because "
                    + "'\(state.stage.mlflowName)' is not an Active stage. Valid stages are ['Staging', 'Production']"
            )
        }
        // MLflow's clients mean all that is theirs of a stage; a model's own stages have nothing to do with each other.
        let others = try db.query(ModelVersionQueries.all(in: state.stage, of: found.modelKey))
            .map(ModelVersionQueries.decode).filter { other in
                other.key != found.key && (self.move.target.isMLflows || other.version.stageName == state.name)
            }
        guard !others.isEmpty else { return [] }
        let archive = try machine.state(.archived)
        let act = Act(by: self.act.actor, reason: "made room for version \(found.version.number)")
        return others.map { StageChange($0, to: archive, by: act, at: self.now) }
    }

    /// Archives a version that is in production beside another one, which took its place while it was hidden.
    static func giveWay(_ found: FoundVersion, at now: Timestamp, on db: any Connection) throws(MartletError) {
        guard found.version.stage == .production else { return }
        let others = try db.query(ModelVersionQueries.all(in: .production, of: found.modelKey))
            .map(ModelVersionQueries.decode)
            .filter { $0.key != found.key && $0.version.stageName == found.version.stageName }
        guard let other = others.first else { return }
        let archive = try Policy.find(of: found.modelKey, on: db).machine.state(.archived)
        let reason = "version \(other.version.number) has taken its place"
        let act = Act(by: .martlet, reason: reason)
        _ = try StageChange.write([StageChange(found, to: archive, by: act, at: now)], at: now, on: db)
    }

    private func event(_ found: FoundVersion, _ state: StageMachine.State, _ verdict: GateVerdict) -> LedgerEvent {
        var details = StageChange.details(from: found, to: state)
        if !verdict.isOpen {
            let warnings = verdict.closed.map { CanonicalJSON.string("\($0.name): \($0.message)") }
            details.append(.init("warnings", .array(warnings)))
        }
        let action = self.isRollback ? LedgerAction.rollBackVersion : .moveVersion
        return LedgerEvent(action, of: found, by: self.act, at: self.now, details: details)
    }
}
