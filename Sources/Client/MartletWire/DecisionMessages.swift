/// What was decided about one request, and by which version.
public struct DecisionRecord: Codable, Sendable {
    public var id: String
    public var at: String
    public var deployment: String
    /// Of the deployment, at that time.
    public var revision: Int64
    /// The place of the revision's entry in the ledger.
    public var ledgerEntry: Int64
    /// Which version it was, and where it ran.
    public var arm: ArmRecord
    /// The salted hash of whom it was about.
    public var subject: String?
    /// The SHA-256 of the request's body.
    public var requestSha256: String
    /// The SHA-256 of the answer's body; absent where there was none, or not a whole one.
    public var answerSha256: String?
    /// Of the answer.
    public var status: Int64
    /// `unreachable`, `timeout`, `broken`, `ejected` or `abandoned`, where the backend gave no answer.
    public var failure: String?
    public var latencyMicroseconds: Int64
    /// The decision that got the answer whose copy this one's request was.
    public var shadowOf: String?
    /// Of a shadow's answer with the one that was returned: `same`, `equal` (JSON of the same value), `different`, or
    /// `incomparable`; absent for what is no shadow's.
    public var agreement: String?
    /// What shadows made of copies of the request.
    public var shadows: [ShadowRecord]
    public var outcomes: [OutcomeRecord]

    package init(
        id: String,
        at: String,
        deployment: String,
        revision: Int64,
        ledgerEntry: Int64,
        arm: ArmRecord,
        subject: String?,
        requestSha256: String,
        answerSha256: String?,
        status: Int64,
        failure: String?,
        latencyMicroseconds: Int64,
        shadowOf: String?,
        agreement: String?,
        shadows: [ShadowRecord],
        outcomes: [OutcomeRecord]
    ) {
        self.id = id
        self.at = at
        self.deployment = deployment
        self.revision = revision
        self.ledgerEntry = ledgerEntry
        self.arm = arm
        self.subject = subject
        self.requestSha256 = requestSha256
        self.answerSha256 = answerSha256
        self.status = status
        self.failure = failure
        self.latencyMicroseconds = latencyMicroseconds
        self.shadowOf = shadowOf
        self.agreement = agreement
        self.shadows = shadows
        self.outcomes = outcomes
    }
}

/// What a shadow made of a copy of a request.
public struct ShadowRecord: Codable, Sendable {
    /// The id of its own record.
    public var decision: String
    public var arm: ArmRecord
    /// Of its answer.
    public var status: Int64
    /// With the answer that was returned: `same`, `equal`, `different` or `incomparable`; absent in old records.
    public var agreement: String?

    package init(decision: String, arm: ArmRecord, status: Int64, agreement: String?) {
        self.decision = decision
        self.arm = arm
        self.status = status
        self.agreement = agreement
    }
}

public struct DecisionList: Codable, Sendable {
    public var decisions: [DecisionRecord]

    package init(decisions: [DecisionRecord]) {
        self.decisions = decisions
    }
}

/// What a decision's request and answer were.
public struct PayloadRecord: Codable, Sendable {
    public var request: PayloadBody
    public var answer: PayloadBody
    /// Whether something was blacked out, so that the bytes are not those whose SHA-256 is recorded.
    public var isRedacted: Bool

    package init(request: PayloadBody, answer: PayloadBody, isRedacted: Bool) {
        self.request = request
        self.answer = answer
        self.isRedacted = isRedacted
    }
}

/// A body as a text or, where it is none, in Base64; as neither where it was too long, or could not be redacted.
public struct PayloadBody: Codable, Sendable {
    /// The media type.
    public var type: String?
    public var text: String?
    public var base64: String?

    package init(type: String?, text: String? = nil, base64: String? = nil) {
        self.type = type
        self.text = text
        self.base64 = base64
    }
}

/// Proves to a stranger what was decided, and by which version.
///
/// To check it: the leaf hash of `record` (RFC 6962) with `path` gives the root that `entry` states for `count`
/// records; the leaf hash of `entry` with `inclusion` gives the root that `checkpoint` states for `treeSize`, a signed
/// note (C2SP tlog-checkpoint); and its signature is that of `publicKey`.
public struct DecisionProofBundle: Codable, Sendable {
    /// `martlet-decision-proof/1`
    public var format: String
    /// The bytes of the record, as text: canonical JSON (RFC 8785).
    public var record: String
    /// The record's place among those of the same deployment and time, in the order of their ids.
    public var index: Int64
    public var count: Int64
    /// Hashes in Base64, from the record up.
    public var path: [String]
    /// The bytes of the entry that sealed the records, as text.
    public var entry: String
    public var entryIndex: Int64
    public var treeSize: Int64
    /// Hashes in Base64, from the entry up.
    public var inclusion: [String]
    public var checkpoint: String
    /// As in `name+hash+key`; compare it with what the owner published.
    public var publicKey: String

    package init(
        record: String,
        index: Int64,
        count: Int64,
        path: [String],
        entry: String,
        entryIndex: Int64,
        treeSize: Int64,
        inclusion: [String],
        checkpoint: String,
        publicKey: String
    ) {
        self.format = "martlet-decision-proof/1"
        self.record = record
        self.index = index
        self.count = count
        self.path = path
        self.entry = entry
        self.entryIndex = entryIndex
        self.treeSize = treeSize
        self.inclusion = inclusion
        self.checkpoint = checkpoint
        self.publicKey = publicKey
    }
}

/// What a decision turned out to be, by one measure.
public struct OutcomeRecord: Codable, Sendable, Hashable {
    public var metric: String
    public var value: Double
    public var actor: String
    public var at: String

    package init(metric: String, value: Double, actor: String, at: String) {
        self.metric = metric
        self.value = value
        self.actor = actor
        self.at = at
    }
}

/// Says what came of a decision.
public struct OutcomeRequest: Codable, Sendable {
    /// By metric, such as 1 for a sale and 0 for none.
    public var metrics: [String: Double]

    public init(metrics: [String: Double]) {
        self.metrics = metrics
    }
}

/// Says what came of many decisions.
public struct OutcomeBatch: Codable, Sendable {
    public var outcomes: [BatchedOutcome]

    public init(outcomes: [BatchedOutcome]) {
        self.outcomes = outcomes
    }
}

/// What came of a decision, or else of the newest one about a subject.
public struct BatchedOutcome: Codable, Sendable {
    public var decision: String?
    /// As requests spell it.
    public var subject: String?
    public var metrics: [String: Double]

    public init(decision: String? = nil, subject: String? = nil, metrics: [String: Double]) {
        self.decision = decision
        self.subject = subject
        self.metrics = metrics
    }
}

/// What became of a batch. Each outcome is noted or refused on its own.
public struct OutcomeBatchResult: Codable, Sendable {
    public var acceptedCount: Int64
    public var refusals: [OutcomeRefusal]

    package init(acceptedCount: Int64, refusals: [OutcomeRefusal]) {
        self.acceptedCount = acceptedCount
        self.refusals = refusals
    }
}

public struct OutcomeRefusal: Codable, Sendable {
    /// The outcome's place in the batch, from 0.
    public var index: Int64
    public var reason: String

    package init(index: Int64, reason: String) {
        self.index = index
        self.reason = reason
    }
}
