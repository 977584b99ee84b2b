package import MartletArtifacts
package import MartletDeployments
package import MartletEvents
package import MartletLedger
package import MartletRegistry

/// The domain that the API speaks for.
package struct NativeServices: Sendable {
    let models: RegisteredModelService
    let versions: ModelVersionService
    let stages: StageService
    let removals: RemovalService
    let notes: NoteService
    let history: HistoryService
    let comparison: ComparisonService
    let lineage: LineageService
    let deployments: DeploymentService
    let backends: BackendService
    let decisions: DecisionService
    let traffic: TrafficService
    let experiments: DeploymentExperimentService
    let rollouts: RolloutService
    let drift: DriftService
    let artifacts: ArtifactService
    let ledger: LedgerService
    let webhooks: WebhookService
    let deliveries: DeliveryService

    package init(
        models: RegisteredModelService,
        versions: ModelVersionService,
        stages: StageService,
        removals: RemovalService,
        notes: NoteService,
        history: HistoryService,
        comparison: ComparisonService,
        lineage: LineageService,
        deployments: DeploymentService,
        backends: BackendService,
        decisions: DecisionService,
        traffic: TrafficService,
        experiments: DeploymentExperimentService,
        rollouts: RolloutService,
        drift: DriftService,
        artifacts: ArtifactService,
        ledger: LedgerService,
        webhooks: WebhookService,
        deliveries: DeliveryService
    ) {
        self.models = models
        self.versions = versions
        self.stages = stages
        self.removals = removals
        self.notes = notes
        self.history = history
        self.comparison = comparison
        self.lineage = lineage
        self.deployments = deployments
        self.backends = backends
        self.decisions = decisions
        self.traffic = traffic
        self.experiments = experiments
        self.rollouts = rollouts
        self.drift = drift
        self.artifacts = artifacts
        self.ledger = ledger
        self.webhooks = webhooks
        self.deliveries = deliveries
    }
}
