package import MartletCore
package import MartletSQL

/// Looks how new versions are doing, and does what deployments want done about it.
///
/// Any number of servers may have one: those that share a database take turns. What is done expects the revision that
/// was looked at, so that nothing is done twice even if two look at once.
package struct Watcher: Sendable {
    /// Who acts when nobody has asked for it.
    static let actor = ActorName.martlet

    private let database: any Database
    private let surroundings: Surroundings
    private let routes: RouteTable
    private let deployments: DeploymentService
    private let rollouts: RolloutService
    private let readings: ArmReader
    private let lease: Lease
    private let pace = LookPace()

    /// - Parameter drift: `nil` where nothing measures it.
    package init(
        database: any Database,
        surroundings: Surroundings,
        routes: RouteTable,
        deployments: DeploymentService,
        rollouts: RolloutService,
        drift: (any DriftReadings)? = nil
    ) {
        self.database = database
        self.surroundings = surroundings
        self.routes = routes
        self.deployments = deployments
        self.rollouts = rollouts
        self.readings = ArmReader(database: database, drift: drift)
        self.lease = Lease(name: "watching", holder: surroundings.randomIdentifier(), database: database)
    }

    /// Looks once. To be called every second.
    ///
    /// - Throws: The first of what went wrong, after all deployments were looked at.
    package func look() async throws(MartletError) {
        let now = self.surroundings.now()
        let due = try await self.rollouts.dueDeployments()
        let watched = self.routes.all.map(\.deployment).filter { !$0.revision.settings.conditions.isEmpty }
        guard !due.isEmpty || !watched.isEmpty, try await self.lease.take(at: now) else { return }
        var failure: MartletError?
        var unknown: Set<Int64> = []
        for deployment in watched where due.contains(deployment.key) || self.pace.admits(deployment, at: now) {
            do throws(MartletError) {
                try await self.look(at: deployment)
            } catch {
                failure = failure ?? error
                unknown.insert(deployment.key)
            }
        }
        // No step where it is not known how the last one went.
        if !due.isEmpty { try await self.rollouts.advance(except: unknown) }
        if let failure { throw failure }
    }

    private func look(at deployment: Deployment) async throws(MartletError) {
        for finding in try await self.readings.findings(in: deployment, at: self.surroundings.now()) {
            switch finding.condition.action {
            case .rollBack: try await self.rollBack(finding)
            case .notify, .pause, .requestRetraining: try await self.record(finding)
            }
        }
    }

    private func rollBack(_ finding: Finding) async throws(MartletError) {
        do throws(MartletError) {
            _ = try await self.deployments.rollBack(
                finding.deployment,
                expecting: finding.revision,
                by: Act(by: Self.actor, reason: finding.sentence),
                because: finding
            )
        } catch {
            switch error.code {
            // Somebody was faster, with whatever it was.
            case .preconditionFailed, .notFound: break
            case .conflict where finding.isKnown: break
            case .conflict: try await self.record(finding, remark: "Nothing was rolled back. \(error.message)")
            default: throw error
            }
        }
    }

    private func record(_ finding: Finding, remark: String? = nil) async throws(MartletError) {
        let now = self.surroundings.now()
        // Revisions are written by writes of everything, which wait for this one; so are entries of the ledger.
        let isPause = finding.condition.action == .pause
        let scope: WriteScope = isPause ? .everything : .only(WriteKey("deployment", "\(finding.deploymentKey)"))
        try await self.database.write(scope) { db throws(MartletError) in
            let found = try FoundDeployment.findIfAny(finding.deployment, on: db)
            guard found?.key == finding.deploymentKey, found?.revision == finding.revision else { return }
            try finding.record(remark: remark, at: now, on: db)
        }
    }
}
