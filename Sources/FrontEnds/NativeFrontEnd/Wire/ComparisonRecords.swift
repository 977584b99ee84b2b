import MartletCapture
import MartletCore
import MartletRegistry
import MartletWire

extension DiffReport {
    init(_ diff: VersionDiff) {
        self.init(
            from: VersionName(diff.old),
            to: VersionName(diff.new),
            fromModel: diff.old.name.rawValue,
            toModel: diff.new.name.rawValue
        )
        self.hyperparameters = diff.hyperparameters.map { ValueChange($0) }
        self.metrics = diff.metrics.map { MetricChange($0) }
        self.datasets = diff.datasets.map { ValueChange($0) }
        self.code = diff.code.map { ValueChange($0) }
        self.packages = diff.packages.map { ValueChange($0) }
        self.signature = diff.signature
        self.files = diff.files.map { FileChange($0) }
        self.sameFileCount = diff.sameFileCount
        self.tensors = diff.tensors.map { TensorChange($0) }
        self.sameTensorCount = diff.sameTensorCount
    }
}

extension ValueChange {
    init(_ value: VersionDiff.Value) {
        self.init(name: value.name, from: value.old, to: value.new)
    }
}

extension MetricChange {
    init(_ metric: VersionDiff.Metric) {
        self.init(
            name: metric.name,
            dataset: metric.datasetName.isEmpty ? nil : metric.datasetName,
            from: metric.old,
            to: metric.new,
            relative: metric.relativeChange,
            better: metric.better.rawValue,
            verdict: Self.verdict(metric),
            isLate: metric.isLate
        )
    }

    private static func verdict(_ metric: VersionDiff.Metric) -> String {
        guard let old = metric.old else { return "added" }
        guard let new = metric.new else { return "removed" }
        let gain = metric.better.gain(from: old, to: new)
        return gain > 0 ? "better" : gain < 0 ? "worse" : "same"
    }
}

extension FileChange {
    init(_ file: VersionDiff.File) {
        self.init(
            path: file.path,
            role: file.role.rawValue,
            change: file.oldSize == nil ? "added" : file.newSize == nil ? "removed" : "changed",
            fromSize: file.oldSize,
            toSize: file.newSize
        )
    }
}

extension TensorChange {
    init(_ tensor: VersionDiff.Tensor) {
        let change = tensor.old == nil ? "added" : tensor.new == nil ? "removed" : nil
        self.init(
            file: tensor.file,
            name: tensor.name,
            change: change ?? (tensor.old == tensor.new ? "changed" : "reshaped"),
            from: tensor.old,
            to: tensor.new
        )
    }
}

extension MartletWire.Ranking {
    init(_ ranking: MartletRegistry.Ranking) {
        self.init(
            datasetName: ranking.datasetName.isEmpty ? nil : ranking.datasetName,
            datasetDigest: ranking.datasetDigest.isEmpty ? nil : ranking.datasetDigest,
            entries: ranking.entries.map { entry in
                RankedVersion(
                    number: entry.number.rawValue,
                    semanticVersion: entry.semanticVersion?.description,
                    stage: entry.stage.rawValue,
                    value: entry.value,
                    isLate: entry.isLate
                )
            }
        )
    }
}

extension LineageGraph {
    init(_ lineage: Lineage) {
        self.init(
            nodes: lineage.nodes.map { LineageNode(id: $0.id, kind: $0.kind.rawValue, label: $0.label) },
            edges: lineage.edges.map { LineageEdge(from: $0.from, to: $0.to, label: $0.label) }
        )
    }
}
