import MartletCore
import MartletJSON
import MartletLedger
import MartletSQL

/// What somebody wants to move, and what they believe about it.
package struct StageMove: Sendable {
    /// A stage by the model's own name for it, or by MLflow's.
    package enum Target: Sendable {
        case name(StageName)
        case stage(Stage)

        fileprivate var isMLflows: Bool { if case .stage = self { true } else { false } }
    }

    package var model: ModelName
    package var version: VersionSelector
    package var target: Target
    /// The stage that it must be in; `nil` for any.
    package var expectedStage: StageName?
    /// The entry that must have moved it last; `nil` for any.
    package var expectedRevision: Int64?
    /// Whether versions that are in the stage now make room; `nil` where only production has room for one.
    package var archivesOthers: Bool?

    package init(
        _ version: VersionSelector,
        of model: ModelName,
        to target: Target,
        expectedStage: StageName? = nil,
        expectedRevision: Int64? = nil,
        archivesOthers: Bool? = nil
    ) {
        self.version = version
        self.model = model
        self.target = target
        self.expectedStage = expectedStage
        self.expectedRevision = expectedRevision
        self.archivesOthers = archivesOthers
    }
}

/// What a move did.
package struct StageMoveResult: Sendable {
    package let version: ModelVersion
    /// Those that made room.
    package let archived: [ModelVersion]
    package let verdict: GateVerdict
}

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
        let archived = try self.makeRoom(for: found, in: state, policy.machine, on: db)
        var moved = found
        // One that is there already stays, and whoever put it there did.
        if found.version.stageName != state.name {
            moved = try Self.enter(found, state, self.event(found, state, verdict), at: self.now, on: db)
            try db.execute(RegisteredModelQueries.touch(found.modelKey, at: self.now))
        }
        let version = try ModelVersionService.load(moved, from: db)
        return StageMoveResult(version: version, archived: archived, verdict: verdict)
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

    /// Archives what is in the stage. First of all, because the version may be one of those that are there.
    private func makeRoom(
        for found: FoundVersion,
        in state: StageMachine.State,
        _ machine: StageMachine,
        on db: any Connection
    ) throws(MartletError) -> [ModelVersion] {
        guard self.move.archivesOthers ?? (state.stage == .production) else { return [] }
        guard state.stage.isActive else {
            throw .invalid(
                "Model version transition cannot archive existing model versions because "
                    + "'\(state.stage.mlflowName)' is not an Active stage. Valid stages are ['Staging', 'Production']"
            )
        }
        var archived: [ModelVersion] = []
        // MLflow's clients mean all that is theirs of a stage; a model's own stages have nothing to do with each other.
        let others = try db.query(ModelVersionQueries.all(in: state.stage, of: found.modelKey))
            .map(ModelVersionQueries.decode).filter { other in
                other.key != found.key && (self.move.target.isMLflows || other.version.stageName == state.name)
            }
        guard !others.isEmpty else { return [] }
        let archive = try machine.state(.archived)
        for other in others {
            let act = Act(by: self.act.actor, reason: "made room for version \(found.version.number)")
            let event = LedgerEvent(
                .moveVersion,
                of: other,
                by: act,
                at: self.now,
                details: Self.details(from: other, to: archive)
            )
            archived.append(try Self.enter(other, archive, event, at: self.now, on: db).version)
        }
        return archived
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
        let event = LedgerEvent(
            .moveVersion,
            of: found,
            by: Act(by: ActorName(trusted: "martlet"), reason: reason),
            at: now,
            details: self.details(from: found, to: archive)
        )
        try self.enter(found, archive, event, at: now, on: db)
    }

    /// Returns the version as it is from then on.
    @discardableResult
    private static func enter(
        _ found: FoundVersion,
        _ state: StageMachine.State,
        _ event: LedgerEvent,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> FoundVersion {
        var version = found.version
        (version.stage, version.stageName, version.updatedAt) = (state.stage, state.name, now)
        version.revision = try Ledger.append(event, on: db)
        try db.execute(ModelVersionQueries.move(found.key, to: state, revision: version.revision, at: now))
        return FoundVersion(key: found.key, modelKey: found.modelKey, version: version)
    }

    private func event(_ found: FoundVersion, _ state: StageMachine.State, _ verdict: GateVerdict) -> LedgerEvent {
        var details = Self.details(from: found, to: state)
        if !verdict.isOpen {
            let warnings = verdict.closed.map { CanonicalJSON.string("\($0.name): \($0.message)") }
            details.append(.init("warnings", .array(warnings)))
        }
        let action = self.isRollback ? LedgerAction.rollBackVersion : .moveVersion
        return LedgerEvent(action, of: found, by: self.act, at: self.now, details: details)
    }

    /// What the ledger says of a move.
    static func details(from found: FoundVersion, to state: StageMachine.State) -> [CanonicalJSON.Member] {
        [
            .init("from", found.version.stageName.rawValue),
            .init("to", state.name.rawValue),
            .init("mlflowStage", state.stage.mlflowName),
            .init("previousMlflowStage", found.version.stage.mlflowName),
        ]
    }
}

extension GateEvidence {
    /// Looks at the gates that a version would meet.
    static func verdict(
        on found: FoundVersion,
        entering stage: StageName,
        _ policy: Policy,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> GateVerdict {
        let gates = policy.gates(of: stage)
        let approvals = gates.approvals > 0 ? try db.query(StageQueries.approvals(of: found.key)) : nil
        let approvers = (approvals?.map(StageQueries.decodeApproval) ?? [])
            .filter { $0.stage == stage && $0.act.actor != found.version.author }.map(\.act.actor.rawValue)
        let captured = found.version.seal?.captured ?? []
        let needsAny = gates.requires.contains(.metric) && !captured.contains(.metric)
        let names = needsAny ? nil : gates.metricNames
        let evidence = GateEvidence(
            captured: captured,
            metrics: names?.isEmpty == true
                ? [] : try VersionMeasurements.find(of: found, named: names, sources, on: db),
            production: gates.regressions.isEmpty ? [] : try self.production(besides: found, gates, sources, on: db),
            approvers: approvers
        )
        return evidence.verdict(on: stage, gates)
    }

    private static func production(
        besides found: FoundVersion,
        _ gates: StageGates,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> [(name: String, metrics: [MeasuredMetric])] {
        let present = try db.query(ModelVersionQueries.all(in: .production, of: found.modelKey))
            .map(ModelVersionQueries.decode).filter { $0.key != found.key }
        var production: [(name: String, metrics: [MeasuredMetric])] = []
        for other in present {
            let number = other.version.semanticVersion?.description ?? other.version.number.description
            let metrics = try VersionMeasurements.find(of: other, named: gates.metricNames, sources, on: db)
            production.append(("version \(number)", metrics))
        }
        return production
    }
}

extension StageGates {
    /// The metrics that they look at.
    fileprivate var metricNames: Set<String> {
        Set(self.thresholds.map(\.metric)).union(self.regressions.map(\.metric))
    }
}

extension Policy {
    /// The policy of a model, or the standard one.
    static func find(of modelKey: Int64, on db: any Connection) throws(MartletError) -> Policy {
        guard let row = try db.queryOne(StageQueries.policy(of: modelKey)) else { return .standard }
        guard let document = try? JSONDocument(parsing: Array(row.text(0).utf8), depthMax: Limits.jsonDepth) else {
            throw MartletError(.integrity, "a policy cannot be read")
        }
        return try Policy(document.root)
    }
}
