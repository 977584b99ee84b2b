/// Starts a comparison of a deployment's arms.
public struct ExperimentRequest: Codable, Sendable {
    /// What decides.
    public var goal: MetricPlan
    /// What must not get worse.
    public var guardrails: [MetricPlan]?
    /// How often, at most, anything that is said may be wrong; 0.05 where absent.
    public var alpha: Double?
    /// Outcomes that each arm must have before anything but a guardrail is decided; 100 where absent.
    public var minimumSample: Int64?
    /// Outcomes of each arm at which intervals shall be as narrow as they can be; 5000 where absent.
    public var tightestAt: Int64?
    /// The arm that others are compared with; the primary one where absent.
    public var baseline: String?
    public var reason: String?

    public init(
        goal: MetricPlan,
        guardrails: [MetricPlan]? = nil,
        alpha: Double? = nil,
        minimumSample: Int64? = nil,
        tightestAt: Int64? = nil,
        baseline: String? = nil,
        reason: String? = nil
    ) {
        self.goal = goal
        self.guardrails = guardrails
        self.alpha = alpha
        self.minimumSample = minimumSample
        self.tightestAt = tightestAt
        self.baseline = baseline
        self.reason = reason
    }
}

/// What is measured of each subject, and what counts as better.
public struct MetricPlan: Codable, Sendable, Hashable {
    /// As outcomes are told by; `gateway.error` and `gateway.latency` are measured by the gateway.
    public var name: String
    /// `proportion` (0 or 1), `bounded` or `unbounded`; where absent, a proportion, or what the gateway's metric is.
    public var values: String?
    /// The least that a bounded value can be.
    public var from: Double?
    /// The greatest that a bounded value can be.
    public var to: Double?
    /// `higher` or `lower`; where absent, higher, and lower for the gateway's metrics.
    public var better: String?
    /// Of a goal: differences up to this do not matter. Of a guardrail: up to this much worse is accepted.
    public var margin: Double?

    public init(
        name: String,
        values: String? = nil,
        from: Double? = nil,
        to: Double? = nil,
        better: String? = nil,
        margin: Double? = nil
    ) {
        self.name = name
        self.values = values
        self.from = from
        self.to = to
        self.better = better
        self.margin = margin
    }
}

/// Ends what is under way.
public struct ExperimentStopRequest: Codable, Sendable {
    public var reason: String?

    public init(reason: String? = nil) {
        self.reason = reason
    }
}

/// A comparison of a deployment's arms, as it was planned.
public struct ExperimentRecord: Codable, Sendable {
    /// 1, 2, 3 and so on in its deployment.
    public var number: Int64
    /// The arm that others are compared with.
    public var baseline: ExperimentArmRecord
    public var challengers: [ExperimentArmRecord]
    public var goal: MetricPlan
    public var guardrails: [MetricPlan]
    public var alpha: Double
    public var minimumSample: Int64
    public var tightestAt: Double
    /// Decisions of this revision and later ones belong to it.
    public var firstRevision: Int64
    public var actor: String
    public var reason: String?
    public var startedAt: String
    /// The place in the ledger of the entry with the plan.
    public var ledgerEntry: Int64
    /// Absent while it is under way.
    public var stopped: ExperimentEndRecord?

    package init(
        number: Int64,
        baseline: ExperimentArmRecord,
        challengers: [ExperimentArmRecord],
        goal: MetricPlan,
        guardrails: [MetricPlan],
        alpha: Double,
        minimumSample: Int64,
        tightestAt: Double,
        firstRevision: Int64,
        actor: String,
        reason: String?,
        startedAt: String,
        ledgerEntry: Int64,
        stopped: ExperimentEndRecord?
    ) {
        self.number = number
        self.baseline = baseline
        self.challengers = challengers
        self.goal = goal
        self.guardrails = guardrails
        self.alpha = alpha
        self.minimumSample = minimumSample
        self.tightestAt = tightestAt
        self.firstRevision = firstRevision
        self.actor = actor
        self.reason = reason
        self.startedAt = startedAt
        self.ledgerEntry = ledgerEntry
        self.stopped = stopped
    }
}

public struct ExperimentArmRecord: Codable, Sendable, Hashable {
    public var name: String
    /// The SHA-256 of the version's manifest.
    public var digest: String

    package init(name: String, digest: String) {
        self.name = name
        self.digest = digest
    }
}

/// How an experiment ended.
public struct ExperimentEndRecord: Codable, Sendable {
    public var actor: String
    public var reason: String?
    public var at: String
    /// The place in the ledger of the entry with the verdicts.
    public var ledgerEntry: Int64

    package init(actor: String, reason: String?, at: String, ledgerEntry: Int64) {
        self.actor = actor
        self.reason = reason
        self.at = at
        self.ledgerEntry = ledgerEntry
    }
}

public struct ExperimentPage: Codable, Sendable {
    public var experiments: [ExperimentRecord]
    public var nextPageToken: String?

    package init(experiments: [ExperimentRecord], nextPageToken: String?) {
        self.experiments = experiments
        self.nextPageToken = nextPageToken
    }
}
