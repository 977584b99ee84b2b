/// One event on its way to one webhook.
public struct DeliveryRecord: Codable, Sendable, Hashable {
    /// The same in every attempt and replay.
    public var id: String
    public var event: String
    /// `due`, `queued` behind another one, `delivered`, or `dead` when it was given up.
    public var state: String
    public var attempts: Int64
    /// When it is tried next (RFC 3339, in UTC).
    public var dueAt: String?
    /// What the last attempt was answered with.
    public var status: Int64?
    /// Why the last attempt failed.
    public var failure: String?
    /// RFC 3339, in UTC.
    public var occurredAt: String
    /// RFC 3339, in UTC.
    public var changedAt: String
    /// The message: a JSON document.
    public var body: String

    package init(
        id: String,
        event: String,
        state: String,
        attempts: Int64,
        dueAt: String?,
        status: Int64?,
        failure: String?,
        occurredAt: String,
        changedAt: String,
        body: String
    ) {
        self.id = id
        self.event = event
        self.state = state
        self.attempts = attempts
        self.dueAt = dueAt
        self.status = status
        self.failure = failure
        self.occurredAt = occurredAt
        self.changedAt = changedAt
        self.body = body
    }
}

/// Some of a webhook's deliveries, the newest first.
public struct DeliveryPage: Codable, Sendable {
    public var deliveries: [DeliveryRecord]
    public var nextPageToken: String?

    package init(deliveries: [DeliveryRecord], nextPageToken: String?) {
        self.deliveries = deliveries
        self.nextPageToken = nextPageToken
    }
}

/// How much of what was given up is on its way again.
public struct ReplayResult: Codable, Sendable {
    public var count: Int

    package init(count: Int) {
        self.count = count
    }
}

/// What to try a webhook out with.
public struct WebhookTrialRequest: Codable, Sendable {
    /// The first that it listens to where absent.
    public var event: String?

    public init(event: String? = nil) {
        self.event = event
    }
}

/// What came of trying a webhook out.
public struct WebhookTrialResult: Codable, Sendable {
    public var isSuccess: Bool
    public var status: Int?
    public var answer: String?
    /// Why there is no answer.
    public var failure: String?

    package init(isSuccess: Bool, status: Int?, answer: String?, failure: String?) {
        self.isSuccess = isSuccess
        self.status = status
        self.answer = answer
        self.failure = failure
    }
}
