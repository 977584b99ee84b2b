import MartletCapture
import MartletCore
import MartletTracking

/// Gathers what a run and a logged model of this server say of a version.
struct TrackedFacts {
    private(set) var facts = SourceFacts()

    /// Tags that say something about machine and system.
    private static let environmentPrefixes = [
        "system.", "hardware.", "mlflow.databricks.cluster", "martlet.environment.",
    ]
    private static let contextTag = "mlflow.data.context"

    init(run: Run?, model: LoggedModel?, metrics: [Manifest.Metric]) {
        self.facts.metrics = metrics
        if let run { self.add(run) }
        if let model { self.add(model) }
    }

    private mutating func add(_ run: Run) {
        self.facts.run = Manifest.Run(run.info)
        self.facts.hyperparameters = run.params.map { Tag(key: $0.key, value: $0.value) }
        self.facts.datasets = run.datasetInputs.map { input in
            Manifest.Dataset(
                name: input.dataset.name,
                digest: input.dataset.digest,
                sourceType: input.dataset.sourceType,
                source: URLRedaction.redacted(input.dataset.source),
                context: input.tags.first { $0.key == Self.contextTag }?.value ?? ""
            )
        }
        self.facts.code = CodeTags(run.tags).code
        self.facts.environmentTags = run.tags.filter { tag in
            Self.environmentPrefixes.contains { tag.key.hasPrefix($0) }
        }
    }

    /// What is logged of the model itself takes the place of what its run says.
    private mutating func add(_ model: LoggedModel) {
        let own = model.params.map { Tag(key: $0.key, value: $0.value) }
        self.facts.hyperparameters = (self.facts.hyperparameters + own).distinct
    }
}

extension Manifest.Run {
    fileprivate init(_ info: Run.Info) {
        self.init(
            id: info.id,
            name: info.name,
            experimentID: info.experimentID,
            userName: info.userName,
            status: info.status.rawValue,
            startedAt: info.startedAt,
            endedAt: info.endedAt
        )
    }
}
