import MartletCore

/// What a model asks of its versions.
package struct Policy: Sendable, Hashable {
    package static let defaultRetentionYears: Int64 = 10

    /// What everybody's production wants to know, unless a model says otherwise; it warns and refuses nothing.
    package static let standard = Policy(
        machine: .standard,
        gates: [
            StageName(.production): StageGates(
                mode: .warn,
                requires: [.weights, .signature, .dataset, .code, .environment, .metric]
            )
        ]
    )

    package var machine: StageMachine
    package var gates: [StageName: StageGates]
    /// For how long a version that was in production cannot be purged.
    package var retentionYears: Int64

    package init(
        machine: StageMachine,
        gates: [StageName: StageGates],
        retentionYears: Int64 = Self.defaultRetentionYears
    ) {
        self.machine = machine
        self.gates = gates
        self.retentionYears = retentionYears
    }

    /// The gates of a stage; none where nothing is said of it.
    package func gates(of stage: StageName) -> StageGates { self.gates[stage] ?? StageGates(mode: .warn) }
}

/// What must hold of a version that enters a stage.
package struct StageGates: Sendable, Hashable {
    package enum Mode: String, Sendable {
        /// A closed gate is told, and lets the version through.
        case warn
        case enforce
    }

    /// A bound on a metric.
    package struct Threshold: Sendable, Hashable {
        package var metric: String
        package var min: Double?
        package var max: Double?
        /// The digest of the dataset that it must have been measured on; `nil` for whatever it was measured on.
        package var dataset: String?

        package init(metric: String, min: Double?, max: Double?, dataset: String?) {
            self.metric = metric
            self.min = min
            self.max = max
            self.dataset = dataset
        }
    }

    /// A metric that must not be worse than that of the version in production, on the same dataset.
    package struct Regression: Sendable, Hashable {
        package var metric: String
        /// By how much it may be worse.
        package var margin: Double
        package var better: MetricDirection

        package init(metric: String, margin: Double, better: MetricDirection) {
            self.metric = metric
            self.margin = margin
            self.better = better
        }
    }

    package var mode: Mode
    package var requires: [CaptureItem]
    package var thresholds: [Threshold]
    package var regressions: [Regression]
    /// How many others than the author must have approved.
    package var approvals: Int

    package init(
        mode: Mode,
        requires: [CaptureItem] = [],
        thresholds: [Threshold] = [],
        regressions: [Regression] = [],
        approvals: Int = 0
    ) {
        self.mode = mode
        self.requires = requires
        self.thresholds = thresholds
        self.regressions = regressions
        self.approvals = approvals
    }
}
