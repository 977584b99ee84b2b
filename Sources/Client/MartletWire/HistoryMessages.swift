/// One change, as the ledger remembers it.
public struct HistoryEntry: Codable, Sendable, Hashable {
    /// Its place in the ledger.
    public var index: Int64
    /// RFC 3339, in UTC.
    public var at: String
    public var actor: String
    /// As in `version.register`, `version.transition`, `alias.set`.
    public var action: String
    public var model: String
    public var version: Int64?
    public var reason: String?
    /// What else the entry says, as text by name.
    public var details: [String: String]

    package init(
        index: Int64,
        at: String,
        actor: String,
        action: String,
        model: String,
        version: Int64?,
        reason: String?,
        details: [String: String]
    ) {
        self.index = index
        self.at = at
        self.actor = actor
        self.action = action
        self.model = model
        self.version = version
        self.reason = reason
        self.details = details
    }
}

/// Some of the changes of a model or a version, the newest first.
public struct HistoryPage: Codable, Sendable {
    public var entries: [HistoryEntry]
    public var nextPageToken: String?

    package init(entries: [HistoryEntry], nextPageToken: String?) {
        self.entries = entries
        self.nextPageToken = nextPageToken
    }
}

/// What a model was at one moment.
public struct ModelState: Codable, Sendable {
    public var model: String
    /// RFC 3339, in UTC.
    public var at: String
    public var exists: Bool
    public var description: String?
    public var tags: [String: String]
    public var aliases: [String: Int64]
    /// In the order of their numbers.
    public var versions: [VersionState]

    package init(
        model: String,
        at: String,
        exists: Bool,
        description: String?,
        tags: [String: String],
        aliases: [String: Int64],
        versions: [VersionState]
    ) {
        self.model = model
        self.at = at
        self.exists = exists
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.versions = versions
    }
}

/// What a version was at one moment.
public struct VersionState: Codable, Sendable, Hashable {
    public var number: Int64
    public var semanticVersion: String?
    public var digest: String?
    public var stage: String
    public var description: String?
    public var tags: [String: String]
    public var isDeleted: Bool
    /// Who moved it there, when and why; absent for one that nobody has moved.
    public var movedBy: String?
    public var movedAt: String?
    public var moveReason: String?

    package init(
        number: Int64,
        semanticVersion: String?,
        digest: String?,
        stage: String,
        description: String?,
        tags: [String: String],
        isDeleted: Bool,
        movedBy: String?,
        movedAt: String?,
        moveReason: String?
    ) {
        self.number = number
        self.semanticVersion = semanticVersion
        self.digest = digest
        self.stage = stage
        self.description = description
        self.tags = tags
        self.isDeleted = isDeleted
        self.movedBy = movedBy
        self.movedAt = movedAt
        self.moveReason = moveReason
    }
}
