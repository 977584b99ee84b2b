/// A version that is to be registered and sealed.
///
/// Either from a source that the server knows (`source`, with the run or logged model that it belongs to, as MLflow's
/// client says it), or from files that were sent before (`files`).
public struct Registration: Codable, Sendable {
    /// A URI such as `runs:/RUN/model`, `models:/m-…` or `mlflow-artifacts:/…`.
    public var source: String?
    public var runId: String?
    public var loggedModelId: String?
    /// Files whose bytes are stored already; see `PUT /blobs/{sha256}`.
    public var files: [RegisteredFile]?
    /// What to call it; proposed by the server where absent.
    public var semanticVersion: String?
    public var description: String?
    public var tags: [String: String]?
    public var hyperparameters: [String: String]?
    public var datasets: [DatasetRecord]?
    public var code: CodeRecord?
    public var metrics: [MetricRecord]?
    /// Creates the model when there is none of that name.
    public var createsModel: Bool?

    public init() {}
}

/// A file of a new version.
public struct RegisteredFile: Codable, Sendable, Hashable {
    public var path: String
    /// In hexadecimal.
    public var sha256: String
    /// Declared; found out by the server where absent.
    public var role: String?

    public init(path: String, sha256: String, role: String? = nil) {
        self.path = path
        self.sha256 = sha256
        self.role = role
    }
}

/// A dataset version that a model was made of, or measured on.
public struct DatasetRecord: Codable, Sendable, Hashable {
    public var name: String
    public var digest: String
    public var source: String?
    /// What it was used for, as in `training`.
    public var context: String?

    public init(name: String, digest: String, source: String? = nil, context: String? = nil) {
        self.name = name
        self.digest = digest
        self.source = source
        self.context = context
    }
}

/// Which code made a version.
public struct CodeRecord: Codable, Sendable, Hashable {
    public var repository: String?
    public var commit: String?
    public var branch: String?
    /// Whether files were changed and not committed; absent when nobody looked.
    public var dirty: Bool?
    public var entryPoint: String?

    public init(
        repository: String? = nil,
        commit: String? = nil,
        branch: String? = nil,
        dirty: Bool? = nil,
        entryPoint: String? = nil
    ) {
        self.repository = repository
        self.commit = commit
        self.branch = branch
        self.dirty = dirty
        self.entryPoint = entryPoint
    }
}

/// A metric, and what it was measured on.
public struct MetricRecord: Codable, Sendable, Hashable {
    public var name: String
    public var value: Double
    public var datasetName: String?
    public var datasetDigest: String?

    public init(name: String, value: Double, datasetName: String? = nil, datasetDigest: String? = nil) {
        self.name = name
        self.value = value
        self.datasetName = datasetName
        self.datasetDigest = datasetDigest
    }
}
