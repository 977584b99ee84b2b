import MartletCore
import MartletEvents
import MartletJSON
import MartletLedger
import MartletRegistry
import MartletRouting
import MartletSQL

/// A revision that is about to be written.
struct RevisionWriting {
    let deployment: FoundDeployment
    let cause: Revision.Cause
    let arms: [Arm]
    let settings: DeploymentSettings
    let act: Act
    let now: Timestamp
    var restores: Int64?
    /// What arms were asked for by, as in `iris@champion`; only the ledger remembers it.
    var asked: [String] = []
    /// What made the server write it by itself.
    var finding: Finding?
    /// The roll-out whose next step it is; whatever else changes the arms ends a roll-out.
    var stepped: Rollout?

    /// Puts it in force.
    func write(on db: any Connection) throws(MartletError) -> Deployment {
        try self.finding?.record(remark: nil, at: self.now, on: db)
        let number = self.deployment.revision + 1
        let entry = try Ledger.append(self.event(number), on: db)
        let revision = Revision(
            number: number,
            cause: self.cause,
            arms: self.arms,
            settings: self.settings,
            act: self.act,
            at: self.now,
            entry: entry,
            restores: self.restores
        )
        try db.execute(DeploymentQueries.insert(revision, of: self.deployment.key))
        try db.execute(DeploymentQueries.insert(self.arms, of: self.deployment.key, revision: number))
        try db.execute(DeploymentQueries.countChange)
        try db.execute(DeploymentQueries.setRevision(number, of: self.deployment.key))
        try self.settleRollout(revision, on: db)
        try self.announce(number, on: db)
        return Deployment(
            key: self.deployment.key,
            name: self.deployment.name,
            salt: self.deployment.salt,
            createdAt: self.deployment.createdAt,
            revision: revision
        )
    }

    private func settleRollout(_ revision: Revision, on db: any Connection) throws(MartletError) {
        if let stepped { return try stepped.recordStep(as: revision, on: db) }
        guard let rollout = try Rollout.newest(of: self.deployment.key, on: db), rollout.state.isOpen else { return }
        guard !self.cause.keepsArms else {
            // With the revision, what conditions look at has begun anew: no step before they have seen something.
            guard rollout.stepsDone > 0, let window = self.settings.conditions.longestWindow else { return }
            try db.execute(RolloutQueries.postpone(rollout.key, until: self.now + window))
            return
        }
        let remark = "\(self.act.actor) made revision \(revision.number): \(self.cause.rawValue)"
        try RolloutTurn(.abort, by: self.act, at: self.now, remark: remark).apply(to: rollout, on: db)
    }

    private func announce(_ number: Int64, on db: any Connection) throws(MartletError) {
        try Outbox.append(.deploymentChanged, on: db) {
            Event(.deploymentChanged, of: "deployment/\(self.deployment.key)", at: self.now) { json in
                json.member("deployment", self.deployment.name.rawValue)
                json.member("revision", number)
                json.member("cause", self.cause.rawValue)
                json.member("actor", self.act.actor.rawValue)
                if let reason = self.act.reason { json.member("reason", reason) }
            }
        }
    }

    private func event(_ number: Int64) -> LedgerEvent {
        var details: [CanonicalJSON.Member] = [
            .init("arms", .array(self.arms.map(\.json))),
            .init("revision", CanonicalJSON(number)),
            .init("settings", self.settings.json),
        ]
        if let restores { details.append(.init("restores", CanonicalJSON(restores))) }
        if let finding { details.append(.init("evidence", finding.json)) }
        if !self.asked.isEmpty { details.append(.init("asked", .array(self.asked.map(CanonicalJSON.string)))) }
        return LedgerEvent(
            self.cause == .rollback ? .rollBackDeployment : .reviseDeployment,
            of: .deployment(key: self.deployment.key, name: self.deployment.name.rawValue),
            by: self.act,
            at: self.now,
            details: details
        )
    }
}

extension Arm {
    /// What the ledger says of it.
    fileprivate var json: CanonicalJSON {
        var members: [CanonicalJSON.Member] = [
            .init("digest", .string(self.version.digest.description)),
            .init("model", .string(self.version.model.rawValue)),
            .init("name", .string(self.name.rawValue)),
            .init("role", .string(self.role.rawValue)),
            .init("share", CanonicalJSON(Int64(self.share.partsPerMillion))),
            .init("version", CanonicalJSON(self.version.number.rawValue)),
        ]
        if let version = self.version.semanticVersion {
            members.append(.init("semanticVersion", .string(version.description)))
        }
        if case .url(let url) = self.backend { members.append(.init("url", .string(url))) }
        return .object(members)
    }
}
