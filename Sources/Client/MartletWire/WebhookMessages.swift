/// What a new webhook is to be.
public struct WebhookCreation: Codable, Sendable {
    public var name: String
    public var url: String
    /// As in `model_version.created`, `model_version.moved`, `retraining.requested`.
    public var events: [String]
    public var description: String?
    /// What messages are signed with; nobody is ever told.
    public var secret: String?
    /// `true` where absent.
    public var isActive: Bool?

    public init(
        name: String,
        url: String,
        events: [String],
        description: String? = nil,
        secret: String? = nil,
        isActive: Bool? = nil
    ) {
        self.name = name
        self.url = url
        self.events = events
        self.description = description
        self.secret = secret
        self.isActive = isActive
    }
}

/// What is to become different of a webhook; what is absent stays as it is.
public struct WebhookUpdate: Codable, Sendable {
    public var name: String?
    public var url: String?
    public var events: [String]?
    /// Empty clears it.
    public var description: String?
    /// Empty clears it.
    public var secret: String?
    public var isActive: Bool?

    public init(
        name: String? = nil,
        url: String? = nil,
        events: [String]? = nil,
        description: String? = nil,
        secret: String? = nil,
        isActive: Bool? = nil
    ) {
        self.name = name
        self.url = url
        self.events = events
        self.description = description
        self.secret = secret
        self.isActive = isActive
    }
}

/// Somebody who is told of what happens.
public struct WebhookRecord: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var url: String
    public var events: [String]
    public var description: String?
    public var hasSecret: Bool
    public var isActive: Bool
    /// Why it was disabled, if nobody has asked for it.
    public var remark: String?
    /// RFC 3339, in UTC.
    public var createdAt: String
    /// RFC 3339, in UTC.
    public var updatedAt: String

    package init(
        id: String,
        name: String,
        url: String,
        events: [String],
        description: String?,
        hasSecret: Bool,
        isActive: Bool,
        remark: String?,
        createdAt: String,
        updatedAt: String
    ) {
        self.id = id
        self.name = name
        self.url = url
        self.events = events
        self.description = description
        self.hasSecret = hasSecret
        self.isActive = isActive
        self.remark = remark
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// Some of the webhooks, the newest first.
public struct WebhookPage: Codable, Sendable {
    public var webhooks: [WebhookRecord]
    public var nextPageToken: String?

    package init(webhooks: [WebhookRecord], nextPageToken: String?) {
        self.webhooks = webhooks
        self.nextPageToken = nextPageToken
    }
}
