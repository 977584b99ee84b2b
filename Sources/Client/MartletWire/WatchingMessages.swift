/// What came of a deployment's requests in some time.
public struct TrafficRecord: Codable, Sendable {
    public var since: String
    public var until: String
    /// Those that had requests.
    public var arms: [ArmTrafficRecord]

    package init(since: String, until: String, arms: [ArmTrafficRecord]) {
        self.since = since
        self.until = until
        self.arms = arms
    }
}

/// What came of the requests to one version in one role.
public struct ArmTrafficRecord: Codable, Sendable {
    /// As it was in the last revision in which it had requests.
    public var arm: ArmRecord
    public var firstRevision: Int64
    public var lastRevision: Int64
    public var requests: Int64
    /// Without an answer, or with 5xx.
    public var failures: Int64
    /// With 4xx.
    public var refusals: Int64
    /// Answers of a shadow that were those that were returned, or equal to them.
    public var agreements: Int64
    /// Those that were not. What could not be compared is neither.
    public var differences: Int64
    /// The part of compared answers that agreed, from 0 to 1; absent where there were none.
    public var agreementRate: Double?
    public var requestsPerSecond: Double
    /// The part of requests that failed, from 0 to 1.
    public var errorRate: Double
    public var latencyMicroseconds: LatencyRecord

    package init(
        arm: ArmRecord,
        firstRevision: Int64,
        lastRevision: Int64,
        requests: Int64,
        failures: Int64,
        refusals: Int64,
        agreements: Int64,
        differences: Int64,
        agreementRate: Double?,
        requestsPerSecond: Double,
        errorRate: Double,
        latencyMicroseconds: LatencyRecord
    ) {
        self.arm = arm
        self.firstRevision = firstRevision
        self.lastRevision = lastRevision
        self.requests = requests
        self.failures = failures
        self.refusals = refusals
        self.agreements = agreements
        self.differences = differences
        self.agreementRate = agreementRate
        self.requestsPerSecond = requestsPerSecond
        self.errorRate = errorRate
        self.latencyMicroseconds = latencyMicroseconds
    }
}

/// How long requests took, from the head to the answer's end: at most this long were so many of a hundred.
public struct LatencyRecord: Codable, Sendable {
    public var p50: Int64
    public var p90: Int64
    public var p99: Int64
    /// The longest.
    public var max: Int64

    package init(p50: Int64, p90: Int64, p99: Int64, max: Int64) {
        self.p50 = p50
        self.p90 = p90
        self.p99 = p99
        self.max = max
    }
}

/// Which conditions versions have met, the newest first.
public struct FindingList: Codable, Sendable {
    public var findings: [FindingRecord]

    package init(findings: [FindingRecord]) {
        self.findings = findings
    }
}

/// A condition that a version has met.
public struct FindingRecord: Codable, Sendable {
    public var revision: Int64
    public var arm: ArmRecord
    /// As in `error rate over 2% for 5m on 150 requests: roll back`.
    public var condition: String
    /// A part from 0 to 1 of an error rate, milliseconds of a duration.
    public var measured: Double
    /// Of how many requests or outcomes.
    public var count: Int64
    /// Of the requests, where that is measured.
    public var failures: Int64?
    /// Why not all was done that the condition asks for.
    public var remark: String?
    public var at: String

    package init(
        revision: Int64,
        arm: ArmRecord,
        condition: String,
        measured: Double,
        count: Int64,
        failures: Int64?,
        remark: String?,
        at: String
    ) {
        self.revision = revision
        self.arm = arm
        self.condition = condition
        self.measured = measured
        self.count = count
        self.failures = failures
        self.remark = remark
        self.at = at
    }
}
