/// Moves a version to another stage.
public struct TransitionRequest: Codable, Sendable {
    public var to: String
    public var reason: String?
    /// The stage that the caller believes the version to be in; it is not moved from any other.
    public var from: String?
    /// Whether versions that are in production now stay there; by default they are archived.
    public var keepsOthers: Bool?

    public init(to: String, reason: String? = nil, from: String? = nil, keepsOthers: Bool? = nil) {
        self.to = to
        self.reason = reason
        self.from = from
        self.keepsOthers = keepsOthers
    }
}

/// Brings back the last version that was in a stage before the present one.
public struct RollbackRequest: Codable, Sendable {
    /// `production` where absent.
    public var stage: String?
    public var reason: String?

    public init(stage: String? = nil, reason: String? = nil) {
        self.stage = stage
        self.reason = reason
    }
}

/// What a transition did.
public struct TransitionResult: Codable, Sendable {
    public var version: VersionRecord
    /// Versions that made room.
    public var archived: [VersionName]
    public var gates: GateReport

    package init(version: VersionRecord, archived: [VersionName], gates: GateReport) {
        self.version = version
        self.archived = archived
        self.gates = gates
    }
}

/// Whether a version may enter a stage, and why not.
public struct GateReport: Codable, Sendable, Hashable {
    public var stage: String
    /// `enforce`: a closed gate refuses. `warn`: it only says so.
    public var mode: String
    /// Whether every gate is open.
    public var passed: Bool
    public var gates: [GateResult]

    public init(stage: String, mode: String, passed: Bool, gates: [GateResult]) {
        self.stage = stage
        self.mode = mode
        self.passed = passed
        self.gates = gates
    }
}

/// One gate.
public struct GateResult: Codable, Sendable, Hashable {
    /// As in `capture:signature`, `metric:accuracy`, `regression:accuracy`, `approvals`.
    public var gate: String
    public var passed: Bool
    /// By how much it is open or closed, for people.
    public var message: String

    public init(gate: String, passed: Bool, message: String) {
        self.gate = gate
        self.passed = passed
        self.message = message
    }
}

/// Says that a version may enter a stage.
public struct ApprovalRequest: Codable, Sendable {
    /// `production` where absent.
    public var stage: String?
    public var reason: String?

    public init(stage: String? = nil, reason: String? = nil) {
        self.stage = stage
        self.reason = reason
    }
}

/// An approval that was given.
public struct ApprovalRecord: Codable, Sendable, Hashable {
    public var stage: String
    public var actor: String
    public var reason: String?
    public var at: String

    package init(stage: String, actor: String, reason: String?, at: String) {
        self.stage = stage
        self.actor = actor
        self.reason = reason
        self.at = at
    }
}

public struct ApprovalList: Codable, Sendable {
    public var approvals: [ApprovalRecord]

    package init(approvals: [ApprovalRecord]) {
        self.approvals = approvals
    }
}

/// What was captured of a version, and what is missing.
public struct CaptureReport: Codable, Sendable, Hashable {
    public var items: [CaptureItem]
    /// Files that could not be read, and why.
    public var problems: [CaptureProblemRecord]

    package init(items: [CaptureItem], problems: [CaptureProblemRecord]) {
        self.items = items
        self.problems = problems
    }
}

/// One kind of thing that can be captured.
public struct CaptureItem: Codable, Sendable, Hashable {
    /// `weights`, `signature`, `dataset`, `code`, `environment`, `metric`, `hyperparameters`, …
    public var name: String
    public var isCaptured: Bool
    /// What was found.
    public var found: String?
    /// The line of client code that captures it next time.
    public var remedy: String?

    package init(name: String, isCaptured: Bool, found: String?, remedy: String?) {
        self.name = name
        self.isCaptured = isCaptured
        self.found = found
        self.remedy = remedy
    }
}

public struct CaptureProblemRecord: Codable, Sendable, Hashable {
    public var path: String
    public var reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }
}
