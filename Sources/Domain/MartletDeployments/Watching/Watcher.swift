package import MartletCore
package import MartletSQL

/// Looks how new versions are doing, and does what deployments want done about it.
///
/// Any number of servers may have one: those that share a database take turns. What is done expects the revision that
/// was looked at, so that nothing is done twice even if two look at once.
package struct Watcher: Sendable {
    /// Who acts when nobody has asked for it.
    static let actor = ActorName.martlet

    private let surroundings: Surroundings
    private let routes: RouteTable
    private let rollouts: RolloutService
    private let actions: ConditionActions
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
        self.surroundings = surroundings
        self.routes = routes
        self.rollouts = rollouts
        self.actions = ConditionActions(
            database: database,
            surroundings: surroundings,
            deployments: deployments,
            readings: ArmReader(database: database, drift: drift)
        )
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
                try await self.actions.look(at: deployment)
            } catch {
                failure = failure ?? error
                unknown.insert(deployment.key)
            }
        }
        // No step where it is not known how the last one went.
        if !due.isEmpty { try await self.rollouts.advance(except: unknown) }
        if let failure { throw failure }
    }
}
