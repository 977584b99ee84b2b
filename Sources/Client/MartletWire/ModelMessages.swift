/// A registered model: a name under which versions are kept.
public struct ModelRecord: Codable, Sendable, Hashable {
    public var name: String
    /// Absent when there never was one, or when it was cleared.
    public var description: String?
    public var tags: [String: String]
    /// Which version each alias points at, by MLflow's integer.
    public var aliases: [String: Int64]
    /// The newest version of each stage that has one.
    public var stages: [String: VersionName]
    /// RFC 3339, in UTC.
    public var createdAt: String
    public var updatedAt: String

    package init(
        name: String,
        description: String?,
        tags: [String: String],
        aliases: [String: Int64],
        stages: [String: VersionName],
        createdAt: String,
        updatedAt: String
    ) {
        self.name = name
        self.description = description
        self.tags = tags
        self.aliases = aliases
        self.stages = stages
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// A version's two names within its model.
public struct VersionName: Codable, Sendable, Hashable {
    /// MLflow's integer: 1, 2, 3 and so on.
    public var number: Int64
    /// As in `1.2.0`; absent for a version from before there were any.
    public var semanticVersion: String?

    package init(number: Int64, semanticVersion: String?) {
        self.number = number
        self.semanticVersion = semanticVersion
    }
}

/// Some of the models, in the order of their names.
public struct ModelPage: Codable, Sendable {
    public var models: [ModelRecord]
    /// Asks for what follows; absent when nothing does.
    public var nextPageToken: String?

    package init(models: [ModelRecord], nextPageToken: String?) {
        self.models = models
        self.nextPageToken = nextPageToken
    }
}

/// A model that is to be created.
public struct ModelCreation: Codable, Sendable {
    public var name: String
    public var description: String?
    public var tags: [String: String]?

    public init(name: String, description: String? = nil, tags: [String: String]? = nil) {
        self.name = name
        self.description = description
        self.tags = tags
    }
}

/// Points an alias at a version.
public struct AliasChange: Codable, Sendable {
    /// Any way to name a version: `4`, `1.2.0`, `^1`, `production`.
    public var version: String

    public init(version: String) {
        self.version = version
    }
}

/// Why something is done that leaves nothing else behind to say so.
public struct ReasonMessage: Codable, Sendable {
    public var reason: String?

    public init(reason: String? = nil) {
        self.reason = reason
    }
}
