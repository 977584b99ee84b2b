/// How two versions differ.
public struct DiffReport: Codable, Sendable {
    public var from: VersionName
    public var to: VersionName
    public var fromModel: String
    public var toModel: String
    public var hyperparameters: [ValueChange]
    public var metrics: [MetricChange]
    public var datasets: [ValueChange]
    public var code: [ValueChange]
    public var packages: [ValueChange]
    /// What a caller of the model must know; empty when the signature is the same.
    public var signature: [String]
    public var files: [FileChange]
    /// How many files are the same.
    public var sameFileCount: Int
    public var tensors: [TensorChange]
    public var sameTensorCount: Int

    package init(from: VersionName, to: VersionName, fromModel: String, toModel: String) {
        self.from = from
        self.to = to
        self.fromModel = fromModel
        self.toModel = toModel
        self.hyperparameters = []
        self.metrics = []
        self.datasets = []
        self.code = []
        self.packages = []
        self.signature = []
        self.files = []
        self.sameFileCount = 0
        self.tensors = []
        self.sameTensorCount = 0
    }
}

/// Something that has a name and a value; an absent side did not have it.
public struct ValueChange: Codable, Sendable, Hashable {
    public var name: String
    public var from: String?
    public var to: String?

    public init(name: String, from: String?, to: String?) {
        self.name = name
        self.from = from
        self.to = to
    }
}

/// A metric on one dataset, or on none that was named.
public struct MetricChange: Codable, Sendable, Hashable {
    public var name: String
    public var dataset: String?
    public var from: Double?
    public var to: Double?
    /// (to - from) / |from|; absent where that is no number.
    public var relative: Double?
    /// `higher` or `lower`.
    public var better: String
    /// `better`, `worse`, `same`, `added` or `removed`.
    public var verdict: String
    /// Whether one of the values was logged after its version was sealed.
    public var isLate: Bool

    package init(
        name: String,
        dataset: String?,
        from: Double?,
        to: Double?,
        relative: Double?,
        better: String,
        verdict: String,
        isLate: Bool
    ) {
        self.name = name
        self.dataset = dataset
        self.from = from
        self.to = to
        self.relative = relative
        self.better = better
        self.verdict = verdict
        self.isLate = isLate
    }
}

public struct FileChange: Codable, Sendable, Hashable {
    public var path: String
    public var role: String
    /// `added`, `removed` or `changed`.
    public var change: String
    public var fromSize: Int64?
    public var toSize: Int64?

    package init(path: String, role: String, change: String, fromSize: Int64?, toSize: Int64?) {
        self.path = path
        self.role = role
        self.change = change
        self.fromSize = fromSize
        self.toSize = toSize
    }
}

/// A tensor of a safetensors file that is not the same in both.
public struct TensorChange: Codable, Sendable, Hashable {
    public var file: String
    public var name: String
    /// `added`, `removed`, `reshaped` or `changed`.
    public var change: String
    /// As in `F32 [30522, 384]`.
    public var from: String?
    public var to: String?

    package init(file: String, name: String, change: String, from: String?, to: String?) {
        self.file = file
        self.name = name
        self.change = change
        self.from = from
        self.to = to
    }
}

/// The versions of a model by one metric: a ranking for each dataset, since only like compares with like.
public struct Leaderboard: Codable, Sendable {
    public var model: String
    public var metric: String
    /// `higher` or `lower`.
    public var better: String
    public var rankings: [Ranking]

    package init(model: String, metric: String, better: String, rankings: [Ranking]) {
        self.model = model
        self.metric = metric
        self.better = better
        self.rankings = rankings
    }
}

/// Versions that were measured on the same dataset, the best first.
public struct Ranking: Codable, Sendable {
    /// Absent for measurements that name no dataset.
    public var datasetName: String?
    public var datasetDigest: String?
    public var entries: [RankedVersion]

    package init(datasetName: String?, datasetDigest: String?, entries: [RankedVersion]) {
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
        self.entries = entries
    }
}

public struct RankedVersion: Codable, Sendable, Hashable {
    public var number: Int64
    public var semanticVersion: String?
    public var stage: String
    public var value: Double
    /// Whether it was logged after the version was sealed.
    public var isLate: Bool

    package init(number: Int64, semanticVersion: String?, stage: String, value: Double, isLate: Bool) {
        self.number = number
        self.semanticVersion = semanticVersion
        self.stage = stage
        self.value = value
        self.isLate = isLate
    }
}

/// What came from what: datasets, runs, versions and stages, and the arrows between them.
public struct LineageGraph: Codable, Sendable {
    public var nodes: [LineageNode]
    public var edges: [LineageEdge]

    package init(nodes: [LineageNode], edges: [LineageEdge]) {
        self.nodes = nodes
        self.edges = edges
    }
}

public struct LineageNode: Codable, Sendable, Hashable {
    /// Unique in the graph, as in `dataset:iris@abc`, `run:…`, `version:iris/4`, `stage:iris/production`.
    public var id: String
    /// `dataset`, `run`, `loggedModel`, `version` or `stage`.
    public var kind: String
    /// For people.
    public var label: String

    package init(id: String, kind: String, label: String) {
        self.id = id
        self.kind = kind
        self.label = label
    }
}

/// An arrow in the direction in which things came into being.
public struct LineageEdge: Codable, Sendable, Hashable {
    public var from: String
    public var to: String
    /// As in `training`, `registered`, `in`.
    public var label: String

    package init(from: String, to: String, label: String) {
        self.from = from
        self.to = to
        self.label = label
    }
}
