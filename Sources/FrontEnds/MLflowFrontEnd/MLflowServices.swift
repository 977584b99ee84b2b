package import MartletArtifacts
package import MartletEvents
package import MartletRegistry
package import MartletTracking

/// The domain that MLflow's routes speak for.
package struct MLflowServices: Sendable {
    let experiments: ExperimentService
    let runs: RunService
    let runSearch: RunSearchService
    let logging: LoggingService
    let histories: MetricHistoryService
    let inputs: InputService
    let loggedModels: LoggedModelService
    let registeredModels: RegisteredModelService
    let versions: ModelVersionService
    let stages: StageService
    let removals: RemovalService
    let artifacts: ArtifactService
    let uploads: MultipartUploadService
    let webhooks: WebhookService

    package init(
        experiments: ExperimentService,
        runs: RunService,
        runSearch: RunSearchService,
        logging: LoggingService,
        histories: MetricHistoryService,
        inputs: InputService,
        loggedModels: LoggedModelService,
        registeredModels: RegisteredModelService,
        versions: ModelVersionService,
        stages: StageService,
        removals: RemovalService,
        artifacts: ArtifactService,
        uploads: MultipartUploadService,
        webhooks: WebhookService
    ) {
        self.experiments = experiments
        self.runs = runs
        self.runSearch = runSearch
        self.logging = logging
        self.histories = histories
        self.inputs = inputs
        self.loggedModels = loggedModels
        self.registeredModels = registeredModels
        self.versions = versions
        self.stages = stages
        self.removals = removals
        self.artifacts = artifacts
        self.uploads = uploads
        self.webhooks = webhooks
    }

    /// Where the artifacts of runs, logged models and versions lie.
    var directory: ArtifactDirectory {
        ArtifactDirectory(runs: self.runs, models: self.loggedModels, versions: self.versions)
    }
}
