import MartletCapture
import MartletCore
import MartletTracking

/// Gathers what a run and a logged model of this server say that a version scored.
struct TrackedMetrics {
    /// Metrics of the machine, not of the model, which the client's monitor logs.
    private static let systemPrefix = "system/"

    private var metrics: [Manifest.Metric]

    /// - Parameters:
    ///   - run: The latest points of the run.
    ///   - measured: Those of them that say what they were measured on.
    ///   - model: What was logged of the model itself, which takes the place of what its run says.
    init(run: [Metric], measured: [MeasuredPoint], model: [LoggedModelMetric]) {
        self.metrics = run.filter { !$0.key.hasPrefix(Self.systemPrefix) }.map { metric in
            Manifest.Metric(name: metric.key, metric.point)
        }
        self.add(model)
        self.add(measured)
    }

    /// In the order of their names and datasets.
    var sorted: [Manifest.Metric] {
        self.metrics.sorted {
            ($0.name, $0.datasetName, $0.datasetDigest) < ($1.name, $1.datasetName, $1.datasetDigest)
        }
    }

    private mutating func add(_ logged: [LoggedModelMetric]) {
        var latest: [Key: MetricPoint] = [:]
        for metric in logged where !metric.metric.key.hasPrefix(Self.systemPrefix) {
            let key = Key(metric)
            if let present = latest[key], !metric.metric.point.isLater(than: present) { continue }
            latest[key] = metric.metric.point
        }
        self.replace(
            with: latest.map { key, point in
                Manifest.Metric(
                    name: key.name,
                    point,
                    datasetName: key.datasetName,
                    datasetDigest: key.datasetDigest
                )
            }
        )
    }

    /// What the run has measured on datasets takes the place of what it says without one.
    private mutating func add(_ measured: [MeasuredPoint]) {
        let known = Set(self.metrics.filter { !$0.datasetDigest.isEmpty }.map { ExactText($0.name) })
        let new = measured.filter { !known.contains(ExactText($0.key)) }
        self.replace(
            with: new.map { metric in
                Manifest.Metric(
                    name: metric.key,
                    value: metric.value,
                    step: metric.step,
                    datasetName: metric.datasetName,
                    datasetDigest: metric.datasetDigest
                )
            }
        )
    }

    private mutating func replace(with new: [Manifest.Metric]) {
        let names = Set(new.map { ExactText($0.name) })
        self.metrics.removeAll { names.contains(ExactText($0.name)) }
        self.metrics += new
    }

    private struct Key: Hashable {
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
