package import MartletCore
import MartletJSON
import MartletLedger
package import MartletSQL

/// The rules by which versions move from stage to stage.
package struct StageService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings
    private let sources: any SourceDirectory

    /// - Parameter sources: Asked for metrics that were logged after a version was sealed.
    package init(database: any Database, surroundings: Surroundings, sources: any SourceDirectory) {
        self.database = database
        self.surroundings = surroundings
        self.sources = sources
    }

    /// Moves a version to a stage.
    ///
    /// - Throws: `preconditionFailed` when it is not where it is believed to be, which names who moved it;
    ///   `gateClosed` when a gate that is enforced is closed, with every one that is; `conflict` when the model's
    ///   machine has no such move.
    package func move(_ move: StageMove, by act: Act) async throws(MartletError) -> StageMoveResult {
        let now = self.surroundings.now()
        let sources = self.sources
        return try await self.database.write { db throws(MartletError) in
            try StageMoving(move: move, act: act, now: now, isRollback: false, sources: sources).run(on: db)
        }
    }

    /// Brings back the version that was in a stage before the one that is there now. No gate is asked: it passed them.
    ///
    /// - Throws: `conflict` when there was none before, or when somebody moved it in the meantime.
    package func rollBack(
        _ name: ModelName,
        in stage: StageName,
        by act: Act
    ) async throws(MartletError) -> StageMoveResult {
        let now = self.surroundings.now()
        let sources = self.sources
        let (target, lastMove) = try await self.database.read(.search) { db throws(MartletError) in
            try StageStack.rollbackTarget(of: name, in: stage, on: db)
        }
        return try await self.database.write { db throws(MartletError) in
            guard try StageStack.lastMove(of: name, on: db) == lastMove else {
                throw MartletError(.conflict, "Versions of '\(name)' were moved in the meantime; look, and try again.")
            }
            let move = StageMove(.number(target), of: name, to: .name(stage), archivesOthers: true)
            return try StageMoving(move: move, act: act, now: now, isRollback: true, sources: sources).run(on: db)
        }
    }

    /// Says whether a version may enter a stage, and changes nothing.
    package func verdict(
        on version: VersionSelector,
        of name: ModelName,
        entering stage: StageName
    ) async throws(MartletError) -> GateVerdict {
        let sources = self.sources
        return try await self.database.read { db throws(MartletError) in
            let found = try FoundVersion.find(version, of: name, on: db)
            let policy = try Policy.find(of: found.modelKey, on: db)
            _ = try policy.machine.state(stage)
            return try GateEvidence.verdict(on: found, entering: stage, policy, sources, on: db)
        }
    }
}

extension StageService {
    /// Notes that somebody says that a version may enter a stage. Saying it again replaces the reason.
    ///
    /// - Throws: `permissionDenied` for its author, and for somebody who does not say who they are.
    package func approve(
        _ version: VersionSelector,
        of name: ModelName,
        for stage: StageName,
        by act: Act
    ) async throws(MartletError) -> Approval {
        guard !act.actor.isAnonymous else {
            throw MartletError(.permissionDenied, "An approval needs a name: say who you are.")
        }
        let now = self.surroundings.now()
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundVersion.find(version, of: name, on: db)
            guard found.version.author != act.actor else {
                throw MartletError(.permissionDenied, "'\(act.actor)' is the author: others must approve it.")
            }
            _ = try Policy.find(of: found.modelKey, on: db).machine.state(stage)
            try db.execute(StageQueries.approve(found.key, for: stage, act, at: now))
            let details = [CanonicalJSON.Member("stage", stage.rawValue)]
            try Ledger.append(LedgerEvent(.approveVersion, of: found, by: act, at: now, details: details), on: db)
            return Approval(stage: stage, act: act, at: now)
        }
    }

    /// Returns who approved a version, in the order in which they did.
    package func approvals(of version: VersionSelector, of name: ModelName) async throws(MartletError) -> [Approval] {
        try await self.database.read { db throws(MartletError) in
            let found = try FoundVersion.find(version, of: name, on: db)
            return try db.query(StageQueries.approvals(of: found.key)).map(StageQueries.decodeApproval)
        }
    }

    /// Returns what a model asks of its versions.
    package func policy(of name: ModelName) async throws(MartletError) -> Policy {
        try await self.database.read { db throws(MartletError) in
            try Policy.find(of: try FoundModel.find(name, on: db).key, on: db)
        }
    }

    /// Replaces what a model asks of its versions.
    ///
    /// - Throws: `conflict` when a version is in a stage that there would be no more.
    package func setPolicy(_ policy: Policy, of name: ModelName, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        let body = policy.json
        try await self.database.write { db throws(MartletError) in
            let model = try FoundModel.find(name, on: db)
            let states = Dictionary(
                policy.machine.states.map { ($0.name, $0.stage) },
                uniquingKeysWith: { first, _ in first }
            )
            for row in try db.query(ModelVersionQueries.stagesInUse(by: model.key)) {
                let stage = StageName(trusted: row.text(0))
                guard states[stage]?.rawValue == row.text(1) else {
                    throw MartletError(
                        .conflict,
                        "Versions of '\(name)' are in '\(stage)', which must stay what it is."
                    )
                }
            }
            try db.execute(StageQueries.setPolicy(body.text, of: model.key))
            let details = [CanonicalJSON.Member("policy", body)]
            try Ledger.append(LedgerEvent(.setPolicy, of: model, by: act, at: now, details: details), on: db)
        }
    }
}
