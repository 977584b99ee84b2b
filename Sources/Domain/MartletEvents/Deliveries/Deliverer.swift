package import MartletCore
package import MartletSQL
package import MartletWebhooks

/// Takes what is due and sends it, at least once, and in order for each webhook and subject.
///
/// Any number of tasks on any number of servers may do so: a delivery is taken by one of them, with a lease that ends
/// by itself should its server die.
package struct Deliverer: Sendable {
    /// How many deliveries to one webhook are under way at once, so that none that stalls keeps everybody waiting.
    private static let perWebhook = 2
    /// What a lease is longer than a call can take.
    private static let leaseMarginMilliseconds: Int64 = 20_000
    private static let failureCharactersMax = 500

    private let database: any Database
    private let surroundings: Surroundings
    private let secrets: WebhookSecrets
    private let sender: any WebhookSender
    private let policy: RetryPolicy

    package init(
        database: any Database,
        surroundings: Surroundings,
        secrets: WebhookSecrets,
        sender: any WebhookSender,
        policy: RetryPolicy
    ) {
        self.database = database
        self.surroundings = surroundings
        self.secrets = secrets
        self.sender = sender
        self.policy = policy
    }

    /// Sends a delivery, and notes what became of it.
    package func deliver(_ delivery: TakenDelivery) async throws(MartletError) {
        let outcome = await self.sender.send(delivery.message, at: self.surroundings.now(), self.secrets)
        try await self.settle(delivery, outcome)
    }

    /// Takes what has been due for longest; it is this server's until the lease is over.
    ///
    /// - Parameter count: How many may be taken.
    package func take(upTo count: Int) async throws(MartletError) -> [TakenDelivery] {
        let now = self.surroundings.now()
        // A look first, since nearly always there is nothing, and a look costs no commit.
        let next = DeliveryQueries.nextDue(at: now, perWebhook: Self.perWebhook)
        let isAnyDue = try await self.database.read { db throws(MartletError) in try db.queryOne(next) != nil }
        guard isAnyDue else { return [] }
        let lease = self.surroundings.randomIdentifier()
        let length = self.sender.timeout.components.seconds * 1_000 + Self.leaseMarginMilliseconds
        let end = Timestamp(milliseconds: now.milliseconds + length)
        return try await self.database.write(.deliveries) { db throws(MartletError) in
            var taken: [TakenDelivery] = []
            // One after the other: each counts for how many more of its webhook may be sent.
            while taken.count < count, let row = try db.queryOne(next) {
                let delivery = DeliveryQueries.decodeTaken(row, lease: lease)
                try db.execute(DeliveryQueries.take(delivery.key, lease, until: end, at: now))
                taken.append(delivery)
            }
            return taken
        }
    }

    private func settle(_ delivery: TakenDelivery, _ outcome: WebhookOutcome) async throws(MartletError) {
        let now = self.surroundings.now()
        let wish = outcome.retryAfter.map { $0.pause(from: now, upTo: RetryPolicy.longestPauseMilliseconds) }
        let pause =
            outcome.isGone
            ? nil : self.policy.pause(after: delivery.attempt, jitter: .random(in: 0...1), wish: wish ?? 0)
        let state: Delivery.State = outcome.isSuccess ? .delivered : pause == nil ? .dead : .due
        let dueAt = state == .due ? pause.map { Timestamp(milliseconds: now.milliseconds + $0) } : nil
        let result = Self.result(outcome)
        // A webhook that ends does so in the ledger, which is written by writes of everything.
        try await self.database.write(outcome.isGone ? .everything : .deliveries) { db throws(MartletError) in
            _ = try db.query(DeliveryQueries.lock(delivery.webhookKey))
            // Nothing, when the lease had run out and another server has it, or when the webhook is gone.
            let settlement = DeliveryQueries.settle(delivery, as: state, dueAt: dueAt, result, at: now)
            guard try db.execute(settlement) > 0 else { return }
            if outcome.isGone { try FoundWebhook.end(delivery, at: now, on: db) }
            if let wish {
                let moment = Timestamp(milliseconds: now.milliseconds + wish)
                try db.execute(DeliveryQueries.postpone(delivery.webhookKey, to: moment, at: now))
            }
            guard state != .due else { return }
            try db.execute(DeliveryQueries.promote(delivery.webhookKey, delivery.subject, at: now))
        }
    }

    private static func result(_ outcome: WebhookOutcome) -> (status: Int?, failure: String?) {
        switch outcome {
        // What it says is not kept: a receiver may repeat secrets.
        case .answered(let status, _, _): (status, outcome.isSuccess ? nil : "the receiver answered with \(status)")
        case .failed(let reason): (nil, String(reason.prefix(self.failureCharactersMax)))
        }
    }
}

extension TakenDelivery {
    fileprivate var message: WebhookMessage {
        WebhookMessage(
            deliveryID: self.id,
            webhookID: self.webhookID,
            url: self.url,
            secret: self.secret,
            body: self.body
        )
    }
}
