package import MartletCapture
import MartletCore

/// How two versions differ, as far as their manifests say it.
package struct VersionDiff: Sendable {
    /// A value by its name; `nil` on the side that does not have it.
    package struct Value: Sendable, Hashable {
        package let name: String
        package let old: String?
        package let new: String?
    }

    package struct Metric: Sendable, Hashable {
        package let name: String
        /// Empty when nobody said.
        package let datasetName: String
        package let datasetDigest: String
        package let old: Double?
        package let new: Double?
        /// Whether one of them was logged after its version was sealed.
        package let isLate: Bool

        package var better: MetricDirection { MetricDirection(guessingFrom: self.name) }

        /// By how much of its old size it changed; `nil` where that is no number.
        package var relativeChange: Double? {
            guard let old, let new, old != 0 else { return nil }
            let change = (new - old) / old.magnitude
            return change.isFinite ? change : nil
        }
    }

    package struct File: Sendable, Hashable {
        package let path: String
        package let role: FileRole
        /// In bytes.
        package let oldSize: Int64?
        package let newSize: Int64?
    }

    /// A tensor that is not the same in both.
    package struct Tensor: Sendable, Hashable {
        package let file: String
        package let name: String
        /// Its type and shape, as in `F32 [30522, 384]`.
        package let old: String?
        package let new: String?
    }

    package let old: ModelVersion
    package let new: ModelVersion
    package internal(set) var hyperparameters: [Value] = []
    package internal(set) var metrics: [Metric] = []
    package internal(set) var datasets: [Value] = []
    package internal(set) var code: [Value] = []
    package internal(set) var packages: [Value] = []
    package internal(set) var signature: [String] = []
    package internal(set) var files: [File] = []
    package internal(set) var sameFileCount = 0
    package internal(set) var tensors: [Tensor] = []
    package internal(set) var sameTensorCount = 0

    init(_ old: ComparedVersion, _ new: ComparedVersion) {
        self.old = old.version
        self.new = new.version
        let (before, after) = (old.manifest, new.manifest)
        self.hyperparameters = Self.values(before.hyperparameters, after.hyperparameters)
        self.datasets = Self.values(before.datasets.map(\.tag), after.datasets.map(\.tag))
        self.code = Self.values(before.code.tags, after.code.tags)
        self.packages = Self.values(before.environment.packageTags, after.environment.packageTags)
        switch ModelSignature.change(from: before.signature, to: after.signature) {
        case .same: break
        case .compatible(let reasons): self.signature = reasons
        case .incompatible(let reasons, let compatible): self.signature = reasons + compatible
        }
        self.compareMetrics(old.metrics, new.metrics)
        self.compareFiles(before.files.list, after.files.list)
    }

    /// The names whose values differ, in the order of the names.
    private static func values(_ old: [Tag], _ new: [Tag]) -> [Value] {
        let (old, new) = (old.byKey, new.byKey)
        return Set(old.keys).union(new.keys).sorted { $0.text < $1.text }.compactMap { key in
            guard old[key].map(ExactText.init) != new[key].map(ExactText.init) else { return nil }
            return Value(name: key.text, old: old[key], new: new[key])
        }
    }

    private mutating func compareMetrics(_ old: [MeasuredMetric], _ new: [MeasuredMetric]) {
        var metrics = new.map { metric in Metric(old.first { $0.isComparable(to: metric) }, metric) }
        for metric in old where !new.contains(where: { $0.isComparable(to: metric) }) {
            metrics.append(Metric(metric, nil))
        }
        self.metrics = metrics.compactMap { $0 }.sorted { ($0.name, $0.datasetName) < ($1.name, $1.datasetName) }
    }

    private mutating func compareFiles(_ old: [Manifest.File], _ new: [Manifest.File]) {
        let oldByPath = Dictionary(old.map { (ExactText($0.path), $0) }, uniquingKeysWith: { $1 })
        let newPaths = Set(new.map { ExactText($0.path) })
        for file in new {
            let before = oldByPath[ExactText(file.path)]
            if before?.digest == file.digest {
                self.sameFileCount += 1
            } else {
                self.files.append(File(path: file.path, role: file.role, oldSize: before?.size, newSize: file.size))
            }
        }
        for file in old where !newPaths.contains(ExactText(file.path)) {
            self.files.append(File(path: file.path, role: file.role, oldSize: file.size, newSize: nil))
        }
        self.files.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }
}

extension VersionDiff.Metric {
    /// `nil` for no metric at all.
    fileprivate init?(_ old: MeasuredMetric?, _ new: MeasuredMetric?) {
        guard let metric = new ?? old else { return nil }
        self.init(
            name: metric.name,
            datasetName: metric.datasetName,
            datasetDigest: metric.datasetDigest,
            old: old?.value,
            new: new?.value,
            isLate: old?.isLate == true || new?.isLate == true
        )
    }
}

extension MeasuredMetric {
    fileprivate func isComparable(to other: MeasuredMetric) -> Bool {
        self.name == other.name && self.datasetName == other.datasetName && self.datasetDigest == other.datasetDigest
    }
}

extension Manifest.Dataset {
    fileprivate var tag: Tag {
        Tag(key: self.context.isEmpty ? self.name : "\(self.name) (\(self.context))", value: self.digest)
    }
}

extension Manifest.Code {
    fileprivate var tags: [Tag] {
        [
            ("repository", self.repository), ("commit", self.commit), ("branch", self.branch),
            ("dirty", self.isDirty.map { "\($0)" }), ("entryPoint", self.entryPoint),
        ].compactMap { name, value in value.map { Tag(key: name, value: $0) } }
    }
}

extension Manifest.Environment {
    /// Packages by their names, and Python.
    fileprivate var packageTags: [Tag] {
        let packages = self.packages.map { line in
            Tag(key: PythonPackage(requirement: line)?.name ?? line, value: line)
        }
        return packages + (self.python.map { [Tag(key: "python", value: $0)] } ?? [])
    }
}

extension [Tag] {
    fileprivate var byKey: [ExactText: String] {
        Dictionary(self.map { (ExactText($0.key), $0.value) }, uniquingKeysWith: { $1 })
    }
}
