/// What a model asks of a version before it may enter a stage, and which stages there are.
public struct PolicyDocument: Codable, Sendable, Hashable {
    /// By the stage's name; a stage without an entry has no gates.
    public var stages: [String: StagePolicy]
    /// The stages of the model; absent for candidate, staging, production and archived.
    public var machine: StageMachineDocument?
    /// How long a version that was in production cannot be purged. 10 where absent.
    public var retentionYears: Int?

    public init(stages: [String: StagePolicy], machine: StageMachineDocument? = nil, retentionYears: Int? = nil) {
        self.stages = stages
        self.machine = machine
        self.retentionYears = retentionYears
    }
}

/// The gates of one stage.
public struct StagePolicy: Codable, Sendable, Hashable {
    /// `warn` or `enforce`.
    public var mode: String
    /// What must have been captured: names of a capture report.
    public var requires: [String]?
    public var thresholds: [MetricThreshold]?
    /// Metrics that must not be worse than those of the version in production, on the same dataset.
    public var regressions: [MetricRegression]?
    /// How many others than the author must have approved.
    public var approvals: Int?

    public init(
        mode: String,
        requires: [String]? = nil,
        thresholds: [MetricThreshold]? = nil,
        regressions: [MetricRegression]? = nil,
        approvals: Int? = nil
    ) {
        self.mode = mode
        self.requires = requires
        self.thresholds = thresholds
        self.regressions = regressions
        self.approvals = approvals
    }
}

/// A bound on a metric.
public struct MetricThreshold: Codable, Sendable, Hashable {
    public var metric: String
    public var min: Double?
    public var max: Double?
    /// Where several datasets were measured on: this one's digest.
    public var dataset: String?

    public init(metric: String, min: Double? = nil, max: Double? = nil, dataset: String? = nil) {
        self.metric = metric
        self.min = min
        self.max = max
        self.dataset = dataset
    }
}

/// How much worse than production a metric may be.
public struct MetricRegression: Codable, Sendable, Hashable {
    public var metric: String
    /// In the metric's own unit; 0 where absent.
    public var margin: Double?
    /// `higher` or `lower`; guessed from the name where absent.
    public var better: String?

    public init(metric: String, margin: Double? = nil, better: String? = nil) {
        self.metric = metric
        self.margin = margin
        self.better = better
    }
}

/// A model's own stages.
public struct StageMachineDocument: Codable, Sendable, Hashable {
    public var stages: [StageDocument]
    /// Pairs of names, from and to; absent for any.
    public var transitions: [[String]]?

    public init(stages: [StageDocument], transitions: [[String]]? = nil) {
        self.stages = stages
        self.transitions = transitions
    }
}

public struct StageDocument: Codable, Sendable, Hashable {
    public var name: String
    /// What MLflow calls it: `None`, `Staging`, `Production` or `Archived`.
    public var mlflowStage: String

    public init(name: String, mlflowStage: String) {
        self.name = name
        self.mlflowStage = mlflowStage
    }
}
