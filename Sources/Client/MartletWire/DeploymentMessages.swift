/// A place where versions serve, as it is now.
public struct DeploymentRecord: Codable, Sendable {
    public var name: String
    /// What the choice of arms is mixed with.
    public var salt: String
    public var createdAt: String
    /// What is in force.
    public var revision: RevisionRecord

    package init(name: String, salt: String, createdAt: String, revision: RevisionRecord) {
        self.name = name
        self.salt = salt
        self.createdAt = createdAt
        self.revision = revision
    }
}

public struct DeploymentPage: Codable, Sendable {
    public var deployments: [DeploymentRecord]
    public var nextPageToken: String?

    package init(deployments: [DeploymentRecord], nextPageToken: String?) {
        self.deployments = deployments
        self.nextPageToken = nextPageToken
    }
}

/// What a deployment was made at one time.
public struct RevisionRecord: Codable, Sendable {
    /// 1, 2, 3 and so on.
    public var number: Int64
    /// `deploy`, `rollback`, `settings` or `experiment`.
    public var cause: String
    public var arms: [ArmRecord]
    public var settings: DeploymentSettingsDocument
    public var actor: String
    public var reason: String?
    public var at: String
    /// The place of its entry in the ledger.
    public var ledgerEntry: Int64
    /// The revision that it brings back.
    public var restores: Int64?
    /// How long it took until requests were routed by it, where that is known.
    public var effect: EffectRecord?

    package init(
        number: Int64,
        cause: String,
        arms: [ArmRecord],
        settings: DeploymentSettingsDocument,
        actor: String,
        reason: String?,
        at: String,
        ledgerEntry: Int64,
        restores: Int64?,
        effect: EffectRecord?
    ) {
        self.number = number
        self.cause = cause
        self.arms = arms
        self.settings = settings
        self.actor = actor
        self.reason = reason
        self.at = at
        self.ledgerEntry = ledgerEntry
        self.restores = restores
        self.effect = effect
    }
}

/// How long it took until requests were routed by a revision, from when somebody asked for it.
public struct EffectRecord: Codable, Sendable {
    /// On the server that was asked.
    public var hereMs: Int64
    /// On all servers that have said so.
    public var everywhereMs: Int64
    /// How many have.
    public var servers: Int64
    /// How many others have yet to, told only by who puts a revision in force; absent where there are none.
    public var missing: Int64?

    package init(hereMs: Int64, everywhereMs: Int64, servers: Int64, missing: Int64?) {
        self.hereMs = hereMs
        self.everywhereMs = everywhereMs
        self.servers = servers
        self.missing = missing
    }
}

public struct RevisionPage: Codable, Sendable {
    public var revisions: [RevisionRecord]
    public var nextPageToken: String?

    package init(revisions: [RevisionRecord], nextPageToken: String?) {
        self.revisions = revisions
        self.nextPageToken = nextPageToken
    }
}

/// One of the versions that a deployment's requests go to.
public struct ArmRecord: Codable, Sendable, Hashable {
    public var name: String
    /// `primary`, `canary`, `challenger` or `shadow`.
    public var role: String
    /// In percent, as in `12.5%`.
    public var share: String
    public var partsPerMillion: Int64
    public var model: String
    public var version: Int64
    public var semanticVersion: String?
    /// The SHA-256 of the version's manifest.
    public var digest: String
    /// Where it answers; absent when the server runs it.
    public var url: String?

    package init(
        name: String,
        role: String,
        share: String,
        partsPerMillion: Int64,
        model: String,
        version: Int64,
        semanticVersion: String?,
        digest: String,
        url: String?
    ) {
        self.name = name
        self.role = role
        self.share = share
        self.partsPerMillion = partsPerMillion
        self.model = model
        self.version = version
        self.semanticVersion = semanticVersion
        self.digest = digest
        self.url = url
    }
}

/// How a deployment deals with requests. What is absent in a request stays as it is.
public struct DeploymentSettingsDocument: Codable, Sendable, Hashable {
    /// A setting that a deployment may be without.
    public enum Clearable: String, Sendable {
        case drift, healthPath, keepDays, payloads, subject
    }

    /// What a request takes back: it is sent as `null`. Answers have none.
    public var cleared: Set<Clearable> = []
    /// Where a request says whom it is about; without it, chance decides.
    public var subject: SubjectSource?
    /// `strict`, `relaxed` or `off`.
    public var decisions: String?
    /// How long a backend may take to begin its answer, and then to go on with it.
    public var timeoutMs: Int64?
    /// How often a request that may be repeated is sent to a backend in all.
    public var attempts: Int64?
    public var bodyBytesMax: Int64?
    /// For how many days the record of a decision is kept; for ever where absent.
    public var keepDays: Int64?
    /// What backends with a URL are asked for before requests go to them, as in `/health`; without it, they are
    /// connected to.
    public var healthPath: String?
    /// Where a version must be to be served.
    public var stages: [String]?
    public var freezes: [Freeze]?
    /// What is done when a version that is new does badly, as in `error rate over 2% for 5m: roll back`.
    public var conditions: [String]?
    public var drift: DriftDocument?
    /// Which requests and answers are kept; none where absent.
    public var payloads: PayloadsDocument?
    /// What of answers that are JSON does not count when a shadow's is compared with the one that was returned: names,
    /// numbers of elements and `*`, from the outside in.
    public var shadowIgnore: [[String]]?
    /// By which part, from 0 to 1, fractions in a shadow's answer may differ from those in the one that was returned.
    public var shadowTolerance: Double?

    private enum CodingKeys: String, CodingKey {
        case subject, decisions, timeoutMs, attempts, bodyBytesMax, keepDays, healthPath, stages, freezes, conditions
        case drift, payloads, shadowIgnore, shadowTolerance
    }

    public init() {}

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        for key in self.cleared.compactMap({ CodingKeys(rawValue: $0.rawValue) }) {
            try container.encodeNil(forKey: key)
        }
        try container.encodeIfPresent(self.subject, forKey: .subject)
        try container.encodeIfPresent(self.decisions, forKey: .decisions)
        try container.encodeIfPresent(self.timeoutMs, forKey: .timeoutMs)
        try container.encodeIfPresent(self.attempts, forKey: .attempts)
        try container.encodeIfPresent(self.bodyBytesMax, forKey: .bodyBytesMax)
        try container.encodeIfPresent(self.keepDays, forKey: .keepDays)
        try container.encodeIfPresent(self.healthPath, forKey: .healthPath)
        try container.encodeIfPresent(self.stages, forKey: .stages)
        try container.encodeIfPresent(self.freezes, forKey: .freezes)
        try container.encodeIfPresent(self.conditions, forKey: .conditions)
        try container.encodeIfPresent(self.drift, forKey: .drift)
        try container.encodeIfPresent(self.payloads, forKey: .payloads)
        try container.encodeIfPresent(self.shadowIgnore, forKey: .shadowIgnore)
        try container.encodeIfPresent(self.shadowTolerance, forKey: .shadowTolerance)
    }
}

/// One of the three.
public struct SubjectSource: Codable, Sendable, Hashable {
    public var header: String?
    public var cookie: String?
    /// Names in the JSON body, from the outside in.
    public var member: [String]?

    public init(header: String? = nil, cookie: String? = nil, member: [String]? = nil) {
        self.header = header
        self.cookie = cookie
        self.member = member
    }
}

/// A time in which only a rollback can change what serves.
public struct Freeze: Codable, Sendable, Hashable {
    public var from: String
    public var to: String
    public var reason: String?

    public init(from: String, to: String, reason: String? = nil) {
        self.from = from
        self.to = to
        self.reason = reason
    }
}

/// Which requests and answers are kept, beside the records of decisions.
public struct PayloadsDocument: Codable, Sendable, Hashable {
    /// Of the decisions; in a request, as it is where absent.
    public var partsPerMillion: Int64?
    /// What is blacked out before anything is written: names, numbers of elements and `*`, from the outside in. Where
    /// there are any, bodies that are no JSON are not kept. In a request, as they are where absent; an empty array
    /// takes all back.
    public var redact: [[String]]?

    public init(partsPerMillion: Int64? = nil, redact: [[String]]? = nil) {
        self.partsPerMillion = partsPerMillion
        self.redact = redact
    }
}
