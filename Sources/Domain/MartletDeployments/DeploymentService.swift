package import MartletArtifacts
package import MartletCore
import MartletJSON
import MartletLedger
package import MartletRegistry
package import MartletSQL

/// The rules by which versions come to serve, and stop serving.
package struct DeploymentService: Sendable {
    let database: any Database
    private let surroundings: Surroundings
    private let artifacts: ArtifactService
    private let routes: RouteTable
    private let backends: BackendAddresses
    private let effects: EffectLog

    /// - Parameter routes: What this server's gateway goes by; it follows a change before that is answered.
    package init(
        database: any Database,
        surroundings: Surroundings,
        artifacts: ArtifactService,
        routes: RouteTable,
        backends: BackendAddresses,
        effects: EffectLog
    ) {
        self.database = database
        self.surroundings = surroundings
        self.artifacts = artifacts
        self.routes = routes
        self.backends = backends
        self.effects = effects
    }

    /// Changes which versions serve, or how; makes the deployment if there is none of that name.
    ///
    /// - Throws: `unavailable` when a backend is not ready; `conflict` for a version that is not sealed, whose stage
    ///   may not serve, or whose bytes are gone, and in a freeze; `preconditionFailed` when another revision is in
    ///   force, or when somebody went back while it waited for backends.
    package func deploy(
        _ change: DeploymentChange,
        to name: DeploymentName,
        by act: Act
    ) async throws(MartletError) -> Deployment {
        let start = ContinuousClock.now
        let arms = try await self.resolve(change.arms)
        try await self.requireBytes(of: arms.items, isVerified: change.isVerified)
        let seen = try await self.requireReady(
            for: arms,
            of: name,
            change.settings,
            expecting: change.expected,
            isChecked: change.isChecked
        )
        let salt = self.surroundings.randomIdentifier()
        let now = self.surroundings.now()
        return try await self.puttingInForce(since: start) { db throws(MartletError) in
            let deployment = try Self.findOrCreate(name, salt: salt, at: now, on: db)
            try deployment.requireNothingUndone(since: seen, on: db)
            let plan = try DeploymentPlan(
                arms,
                of: deployment,
                settings: change.settings,
                expecting: change.expected,
                at: now,
                on: db
            )
            return try RevisionWriting(
                deployment: deployment,
                cause: plan.cause,
                arms: plan.arms,
                settings: plan.settings,
                act: act,
                now: now,
                asked: change.arms.items.map(\.asked),
                stepped: change.stepped
            ).write(on: db)
        }
    }

    /// Brings back what served before, also in a freeze.
    ///
    /// - Parameters:
    ///   - target: The version that shall serve alone; `nil` for what served before the one that came last.
    ///   - model: Whose version that is; `nil` for the model that serves.
    ///   - revision: The one that must be in force; `nil` for whichever is.
    ///   - finding: What the server goes back for by itself, to when the arm's version did not serve; never behind
    ///     what a rollback has brought back.
    ///   - isForced: Whether that shall happen also when a backend does not answer.
    /// - Throws: `conflict` when there was nothing before, or its bytes are gone; `unavailable` when a backend is not
    ///   ready; `preconditionFailed` when another revision is in force than was expected, or came into force meanwhile.
    package func rollBack(
        _ name: DeploymentName,
        to target: VersionSelector? = nil,
        of model: ModelName? = nil,
        expecting revision: Int64? = nil,
        isForced: Bool = false,
        by act: Act,
        because finding: Finding? = nil
    ) async throws(MartletError) -> Deployment {
        let start = ContinuousClock.now
        let (found, settings, target) = try await self.database.read(.search) { db throws(MartletError) in
            let found = try FoundDeployment.find(name, on: db)
            try found.require(revision: revision, on: db)
            let settings = try found.revision(found.revision, on: db).settings
            let target = try Self.target(target, of: model, without: finding?.arm.version, for: found, on: db)
            try target.requireVersions(on: db)
            return (found, settings, target)
        }
        try await self.requireBytes(ofVersions: target.arms.map(\.version))
        if !isForced {
            try self.backends.requireSupervisor(for: target.arms)
            let advice = "--force goes back all the same."
            try await self.backends.prepare(target.arms, settings: settings, advice: advice)
        }
        let now = self.surroundings.now()
        return try await self.puttingInForce(since: start, isPatient: true) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            try deployment.require(revision: revision ?? found.revision, on: db)
            try target.requireVersions(on: db)
            return try RevisionWriting(
                deployment: deployment,
                cause: .rollback,
                arms: target.arms,
                settings: try deployment.revision(deployment.revision, on: db).settings,
                act: act,
                now: now,
                restores: target.revision,
                finding: finding
            ).write(on: db)
        }
    }

    /// Takes a deployment away; its revisions stay in the ledger.
    ///
    /// - Throws: `conflict` in a freeze.
    package func delete(
        _ name: DeploymentName,
        expecting revision: Int64? = nil,
        by act: Act
    ) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            try deployment.require(revision: revision, on: db)
            let settings = try deployment.revision(deployment.revision, on: db).settings
            try settings.requireNoFreeze(of: name, at: now)
            try db.execute(DeploymentQueries.countChange)
            try db.execute(DeploymentQueries.delete(deployment.key, at: now))
            if let rollout = try Rollout.newest(of: deployment.key, on: db) {
                let turn = RolloutTurn(.abort, by: act, at: now, remark: "the deployment was taken away")
                try turn.apply(to: rollout, on: db)
            }
            let subject = LedgerEvent.Subject.deployment(key: deployment.key, name: name.rawValue)
            try Ledger.append(LedgerEvent(.deleteDeployment, of: subject, by: act, at: now), on: db)
        }
        await self.follow()
    }
}

extension DeploymentService {
    /// Writes a revision, routes by it, and remembers how long that took.
    ///
    /// - Parameter isPatient: Whether to wait, for a bounded time, for the other servers.
    private func puttingInForce(
        since start: ContinuousClock.Instant,
        isPatient: Bool = false,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Deployment
    ) async throws(MartletError) -> Deployment {
        var deployment = try await self.database.write(body)
        await self.follow(butFor: deployment.key)
        guard let route = self.routes.route(to: deployment.name.rawValue), route.goes(by: deployment) else {
            return deployment
        }
        // It has taken place; that nobody remembers when is no reason to say otherwise.
        deployment.revision.effect = try? await self.effects.note(
            deployment.revision.number,
            of: deployment.key,
            took: .now - start,
            isPatient: isPatient
        )
        return deployment
    }

    private func follow(butFor key: Int64? = nil) async {
        // The change has taken place; should the table not follow now, it does with the next look.
        try? await self.effects.follow(self.routes, butFor: key)
    }
}

/// What must be so before anything changes.
extension DeploymentService {
    private func resolve(
        _ change: ArmChange<ArmDraft>
    ) async throws(MartletError) -> ArmChange<ResolvedArm> {
        try await self.database.read { db throws(MartletError) in
            try change.map { draft throws(MartletError) in try ResolvedArm(draft, on: db) }
        }
    }

    /// Checks that the bytes of what is to answer more requests are there, and that every backend that requests would
    /// go to is ready, as far as that can be known before the change.
    ///
    /// - Returns: The deployment as it is before that; `nil` where there is nothing to wait for.
    private func requireReady(
        for change: ArmChange<ResolvedArm>,
        of name: DeploymentName,
        _ settings: JSONValue?,
        expecting revision: Int64?,
        isChecked: Bool
    ) async throws(MartletError) -> FoundDeployment? {
        guard change.changesArms else { return nil }
        let now = self.surroundings.now()
        let (found, plan) = try await self.database.read { db throws(MartletError) in
            let found = try FoundDeployment.findIfAny(name, on: db) ?? FoundDeployment(named: name, at: now)
            let plan = try DeploymentPlan(change, of: found, settings: settings, expecting: revision, at: now, on: db)
            return (found, plan)
        }
        try await self.requireBytes(ofVersions: plan.raised)
        try self.backends.requireSupervisor(for: plan.arms)
        guard isChecked else { return found }
        let advice = "--no-check deploys all the same."
        try await self.backends.prepare(plan.arms, settings: plan.settings, advice: advice)
        return found
    }

    private func requireBytes(ofVersions versions: [ServedVersion]) async throws(MartletError) {
        for version in versions {
            let files = try await self.database.read { db throws(MartletError) in
                try ServableVersion.find(key: version.key, on: db).files(on: db)
            }
            try await self.requireBytes(of: files, version)
        }
    }

    private func requireBytes(of items: [ResolvedArm], isVerified: Bool) async throws(MartletError) {
        for item in items {
            try await self.requireBytes(of: item.files, item.arm.version)
            let bytes = item.files.reduce(0) { $0 + $1.size }
            guard isVerified || bytes <= Limits.bytesVerifiedUnasked else { continue }
            guard let corrupt = try await self.artifacts.firstCorrupt(of: item.files) else { continue }
            throw MartletError(
                .conflict,
                "\(item.arm.version.label) cannot serve: the bytes of its file '\(corrupt.path)' are not those that "
                    + "were registered."
            )
        }
    }

    private func requireBytes(of files: [SealedTree.File], _ version: ServedVersion) async throws(MartletError) {
        guard let missing = try await self.artifacts.firstMissing(of: files) else { return }
        throw MartletError(
            .conflict,
            "\(version.label) cannot serve: the bytes of its file '\(missing.path)' are gone."
        )
    }

    private static func findOrCreate(
        _ name: DeploymentName,
        salt: String,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> FoundDeployment {
        if let found = try FoundDeployment.findIfAny(name, on: db) { return found }
        guard let key = try db.queryOne(DeploymentQueries.insert(name, salt: salt, at: now))?.integer(0) else {
            throw MartletError(.internal, "the database gave no deployment key")
        }
        return FoundDeployment(key: key, name: name, salt: salt, revision: 0, createdAt: now)
    }

    private static func target(
        _ selector: VersionSelector?,
        of model: ModelName?,
        without version: ServedVersion?,
        for deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> RollbackTarget {
        if let version { return try .find(without: version, for: deployment, on: db) }
        guard let selector else { return try .find(for: deployment, on: db) }
        guard let primary = try deployment.revision(deployment.revision, on: db).primary?.version else {
            throw MartletError(.conflict, "The deployment '\(deployment.name)' serves nothing.")
        }
        // The model may be called otherwise by now.
        let present = try ServableVersion.find(key: primary.key, on: db).model
        let version = ServedVersion(try ServableVersion.find(selector, of: model ?? present, on: db))
        return try .find(version.key, label: version.label, for: deployment, on: db)
    }
}

extension DeploymentService: VersionUsers {
    package func use(ofVersion key: Int64, on db: any Connection) throws(MartletError) -> String? {
        try db.queryOne(DeploymentQueries.use(ofVersion: key)).map { "the deployment '\($0.text(0))'" }
    }

    package func use(ofModel key: Int64, on db: any Connection) throws(MartletError) -> String? {
        try db.queryOne(DeploymentQueries.use(ofModel: key)).map { "the deployment '\($0.text(0))'" }
    }
}
