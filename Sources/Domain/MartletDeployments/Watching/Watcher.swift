package import MartletCore
package import MartletSQL

/// Looks how new versions are doing, and does what deployments want done about it; lets roll-outs go on.
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
    /// Another one than that for looking: a step may wait for its backend longer than others may for a look.
    private let stepLease: Lease
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
        let holder = surroundings.randomIdentifier()
        self.lease = Lease(name: "watching", holder: holder, database: database)
        self.stepLease = Lease(name: "rolling out", holder: holder, database: database)
    }

    /// Looks at every deployment that has conditions, as often as these want it, until the task is cancelled. A
    /// rollback that waits for its backend keeps nobody else waiting.
    ///
    /// - Parameters:
    ///   - pause: The shortest time between two looks.
    ///   - report: Told what goes wrong; `nil` when nothing does.
    package func look(every pause: Duration, _ report: @escaping @Sendable (MartletError?) -> Void) async {
        await SideBySide().run(every: pause, report) { () async throws(MartletError) in
            let now = self.surroundings.now()
            let watched = self.routes.all.map(\.deployment).filter { !$0.revision.settings.conditions.isEmpty }
            guard !watched.isEmpty, try await self.lease.take(at: now) else { return [] }
            return watched.filter { self.pace.admits($0, at: now) }.map { deployment in
                (deployment.key, { () async throws(MartletError) in try await self.actions.look(at: deployment) })
            }
        }
    }
}

/// Taking steps of roll-outs.
extension Watcher {
    /// Takes the steps of all roll-outs when their time has come, until the task is cancelled.
    ///
    /// - Parameters:
    ///   - pause: How soon a step is taken whose time has come.
    ///   - report: Told what goes wrong; `nil` when nothing does.
    package func takeSteps(every pause: Duration, _ report: @escaping @Sendable (MartletError?) -> Void) async {
        await SideBySide().run(every: pause, report) { () async throws(MartletError) in
            let ready = try await self.rollouts.ready()
            guard !ready.isEmpty, try await self.stepLease.take(at: self.surroundings.now()) else { return [] }
            return ready.map { rollout in
                (rollout.key, { () async throws(MartletError) in try await self.takeStep(of: rollout) })
            }
        }
    }

    private func takeStep(of rollout: Rollout) async throws(MartletError) {
        do throws(MartletError) {
            // No step where it is not known how the last one went: what is found may end or pause the roll-out.
            if let deployment = try await self.rollouts.deployment(of: rollout) {
                try await self.actions.look(at: deployment)
            }
            try await self.rollouts.advance(rollout)
        } catch {
            // If that cannot be written either, the next try says so as well.
            try? await self.rollouts.note(error, at: rollout)
            throw error
        }
    }
}
