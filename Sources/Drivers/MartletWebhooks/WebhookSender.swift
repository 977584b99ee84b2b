package import MartletCore

/// Calls the receivers of webhooks, and nobody else.
///
/// Every call is made to an address that the server's rules allow, as it is resolved for that call; answers that send
/// the caller elsewhere are answers like any other. A call takes a bounded time and reads a bounded answer. May be used
/// by any number of tasks at once.
package protocol WebhookSender: Sendable {
    /// The longest time that one call takes.
    var timeout: Duration { get }

    /// Says whether a target may be called, as its name is resolved now.
    ///
    /// - Throws: `invalidArgument` for one that may not, or that cannot be resolved.
    func check(_ target: WebhookTarget) async throws(MartletError)

    /// Sends a request once.
    func send(_ request: WebhookRequest) async -> WebhookOutcome
}

/// One call of a receiver.
package struct WebhookRequest: Sendable {
    package let target: WebhookTarget
    /// Besides those that every request has.
    package let headers: [(name: String, value: String)]
    package let body: String

    package init(to target: WebhookTarget, headers: [(name: String, value: String)], body: String) {
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// What came of a call.
package enum WebhookOutcome: Sendable, Hashable {
    /// - Parameters:
    ///   - body: What was read of it.
    ///   - retryAfter: What it says of when to call again.
    case answered(status: Int, body: String, retryAfter: RetryAfter? = nil)
    /// - Parameter reason: For whoever looks after the webhook.
    case failed(_ reason: String)

    /// Only an answer of the 2xx kind says that somebody has it.
    package var isSuccess: Bool {
        if case .answered(let status, _, _) = self { (200..<300).contains(status) } else { false }
    }

    /// The receiver says that nobody will ever be there again.
    package var isGone: Bool {
        if case .answered(410, _, _) = self { true } else { false }
    }

    /// What the receiver says of when to call again, where it has failed because too much is asked of it.
    package var retryAfter: RetryAfter? {
        if case .answered(429, _, let moment) = self { return moment }
        if case .answered(503, _, let moment) = self { return moment }
        return nil
    }
}
