import MartletArtifacts
import MartletCore
import MartletDeployments
import MartletRegistry
import MartletSQL

extension Domain {
    /// What every front end says of models and versions.
    struct Registry: Sendable {
        let models: RegisteredModelService
        let versions: ModelVersionService
        let stages: StageService
        let removals: RemovalService
        let deployments: DeploymentService
        let experiments: DeploymentExperimentService
        let rollouts: RolloutService
        let traffic: TrafficService
        /// What versions were trained on, which is read once for all.
        let references: DriftReferences
        let drift: DriftService

        init(
            _ database: any Database,
            _ surroundings: Surroundings,
            _ artifacts: ArtifactService,
            _ routes: RouteTable,
            _ backends: BackendAddresses,
            _ effects: EffectLog
        ) {
            self.deployments = DeploymentService(
                database: database,
                surroundings: surroundings,
                artifacts: artifacts,
                routes: routes,
                backends: backends,
                effects: effects
            )
            self.experiments = DeploymentExperimentService(
                database: database,
                surroundings: surroundings,
                routes: routes,
                effects: effects
            )
            self.rollouts = RolloutService(
                database: database,
                surroundings: surroundings,
                deployments: self.deployments
            )
            self.traffic = TrafficService(database: database, surroundings: surroundings)
            self.references = DriftReferences(database: database, artifacts: artifacts)
            self.drift = DriftService(database: database, surroundings: surroundings, references: self.references)
            let users: [any VersionUsers] = [self.deployments]
            self.models = RegisteredModelService(database: database, surroundings: surroundings, users: users)
            self.versions = ModelVersionService(
                database: database,
                surroundings: surroundings,
                sources: TrackedSources(),
                artifacts: artifacts
            )
            self.stages = StageService(database: database, surroundings: surroundings, sources: TrackedSources())
            self.removals = RemovalService(database: database, surroundings: surroundings, users: users)
        }

        /// What looks how versions are doing.
        func watcher(
            _ database: any Database,
            _ surroundings: Surroundings,
            _ routes: RouteTable
        ) -> Watcher {
            Watcher(
                database: database,
                surroundings: surroundings,
                routes: routes,
                deployments: self.deployments,
                rollouts: self.rollouts,
                drift: self.drift
            )
        }
    }
}
