import MartletCapture
import MartletCore
import MartletTracking

/// Gathers what a run and a logged model of this server say of a version.
struct TrackedFacts {
    private(set) var facts = SourceFacts()

    /// Metrics of the machine, not of the model, which the client's monitor logs.
    private static let systemMetricPrefix = "system/"
    /// Tags that say something about machine and system.
    private static let environmentPrefixes = [
        "system.", "hardware.", "mlflow.databricks.cluster", "martlet.environment.",
    ]
    private static let contextTag = "mlflow.data.context"

    init(run: Run?, model: LoggedModel?) {
        if let run { self.add(run) }
        if let model { self.add(model) }
        self.sortMetrics()
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
        self.facts.metrics = run.metrics.filter { !$0.key.hasPrefix(Self.systemMetricPrefix) }
            .map { Manifest.Metric(name: $0.key, $0.point) }
    }

    /// What the run has measured on datasets takes the place of what it says without one.
    mutating func add(
        measured: [(key: String, datasetName: String, datasetDigest: String, value: Double, step: Int64)]
    ) {
        let known = Set(self.facts.metrics.filter { !$0.datasetDigest.isEmpty }.map { ExactText($0.name) })
        let new = measured.filter { !known.contains(ExactText($0.key)) }
        let names = Set(new.map { ExactText($0.key) })
        self.facts.metrics.removeAll { names.contains(ExactText($0.name)) }
        self.facts.metrics += new.map { metric in
            Manifest.Metric(
                name: metric.key,
                value: metric.value,
                step: metric.step,
                datasetName: metric.datasetName,
                datasetDigest: metric.datasetDigest
            )
        }
        self.sortMetrics()
    }

    private mutating func sortMetrics() {
        self.facts.metrics.sort {
            ($0.name, $0.datasetName, $0.datasetDigest) < ($1.name, $1.datasetName, $1.datasetDigest)
        }
    }

    /// What is logged of the model itself takes the place of what its run says.
    private mutating func add(_ model: LoggedModel) {
        let own = model.params.map { Tag(key: $0.key, value: $0.value) }
        self.facts.hyperparameters = (self.facts.hyperparameters + own).distinct
        var latest: [MetricKey: LoggedModelMetric] = [:]
        for metric in model.metrics where !metric.metric.key.hasPrefix(Self.systemMetricPrefix) {
            let key = MetricKey(metric)
            if let present = latest[key], !metric.metric.point.isLater(than: present.metric.point) { continue }
            latest[key] = metric
        }
        let names = Set(latest.keys.map { ExactText($0.name) })
        self.facts.metrics.removeAll { names.contains(ExactText($0.name)) }
        self.facts.metrics += latest.map { key, metric in
            Manifest.Metric(
                name: key.name,
                metric.metric.point,
                datasetName: key.datasetName,
                datasetDigest: key.datasetDigest
            )
        }
    }

    private struct MetricKey: Hashable {
        let name: String
        let datasetName: String
        let datasetDigest: String

        init(_ metric: LoggedModelMetric) {
            self.name = metric.metric.key
            self.datasetName = metric.datasetName ?? ""
            self.datasetDigest = metric.datasetDigest ?? ""
        }
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

extension Manifest.Metric {
    fileprivate init(name: String, _ point: MetricPoint, datasetName: String = "", datasetDigest: String = "") {
        self.init(
            name: name,
            value: point.value,
            step: point.step,
            datasetName: datasetName,
            datasetDigest: datasetDigest
        )
    }
}
