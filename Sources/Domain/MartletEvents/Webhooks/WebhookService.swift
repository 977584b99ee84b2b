package import MartletCore
import MartletJSON
import MartletLedger
package import MartletSearch
package import MartletSQL
package import MartletWebhooks

/// The rules of webhooks: who is told of what happens, and where.
package struct WebhookService: Sendable {
    private static let secretCharactersMax = 1_000

    private let database: any Database
    private let surroundings: Surroundings
    private let secrets: WebhookSecrets
    private let sender: any WebhookSender

    package init(
        database: any Database,
        surroundings: Surroundings,
        secrets: WebhookSecrets,
        sender: any WebhookSender
    ) {
        self.database = database
        self.surroundings = surroundings
        self.secrets = secrets
        self.sender = sender
    }

    /// - Throws: `invalidArgument` also for a target that this server may not be made to call.
    package func create(_ new: NewWebhook, by act: Act) async throws(MartletError) -> Webhook {
        guard !new.kinds.isEmpty else { throw .noKinds }
        try Self.check(new.description, new.secret)
        try await self.sender.check(try WebhookTarget(validating: new.url))
        let now = self.surroundings.now()
        let webhook = Webhook(
            id: self.surroundings.randomUUID(),
            name: new.name,
            description: new.description,
            url: new.url,
            kinds: new.kinds.sortedByName,
            isActive: new.isActive,
            remark: nil,
            createdAt: now,
            updatedAt: now,
            hasSecret: new.secret != nil
        )
        let secret = try new.secret.map { text throws(MartletError) in try self.secrets.seal(text, of: webhook.id) }
        return try await self.database.write { db throws(MartletError) in
            guard let count = try db.queryOne(WebhookQueries.count)?.integer(0), count < Limits.webhooks else {
                throw .invalid("There are \(Limits.webhooks) webhooks already; delete some that nobody needs.")
            }
            guard let row = try db.queryOne(WebhookQueries.insert(webhook, secret: secret)) else {
                throw MartletError(.internal, "the database gave no webhook key")
            }
            try db.execute(WebhookQueries.setKinds(webhook.kinds, of: row.integer(0)))
            try Ledger.append(try webhook.event(.createWebhook, by: act, at: now), on: db)
            return webhook
        }
    }

    /// - Throws: `notFound`, as everything here does for a webhook that does not exist.
    package func webhook(_ id: String) async throws(MartletError) -> Webhook {
        try await self.database.read { db throws(MartletError) in try FoundWebhook.find(id, on: db).webhook }
    }

    /// Returns a page of webhooks that listen to any of `kinds`, the newest first.
    package func list(
        listeningTo kinds: [EventKind] = EventKind.all,
        after position: [PageToken.Field]? = nil,
        limit: Int
    ) async throws(MartletError) -> Page<Webhook> {
        let before = try Self.key(position)
        return try await self.database.read(.search) { db throws(MartletError) in
            let rows = try db.query(WebhookQueries.page(listeningTo: kinds, before: before, limit: limit))
            let found = try FoundWebhook.load(rows.prefix(limit).map(WebhookQueries.decode), from: db)
            let next = rows.count > limit ? found.last.map { [PageToken.Field.integer($0.key)] } : nil
            return Page(items: found.map(\.webhook), next: next)
        }
    }

    /// Changes a webhook; what waits for it goes where it says from then on.
    package func update(
        _ id: String,
        _ change: WebhookChange,
        by act: Act
    ) async throws(MartletError) -> Webhook {
        try Self.check(change.description, change.secret)
        if let url = change.url { try await self.sender.check(try WebhookTarget(validating: url)) }
        let now = self.surroundings.now()
        let secrets = self.secrets
        return try await self.database.write { db throws(MartletError) in
            let found = try FoundWebhook.find(id, on: db)
            var secret = found.secret
            if let text = change.secret { secret = text.isEmpty ? nil : try secrets.seal(text, of: id) }
            let webhook = try found.webhook.applying(change, hasSecret: secret != nil, at: now)
            try db.execute(WebhookQueries.update(found.key, to: webhook, secret: secret))
            if change.kinds != nil {
                try db.execute(WebhookQueries.deleteKinds(of: found.key))
                try db.execute(WebhookQueries.setKinds(webhook.kinds, of: found.key))
            }
            let changes = webhook.changes(since: found.webhook) + (change.secret == nil ? [] : ["secret"])
            guard !changes.isEmpty else { return webhook }
            let details = [CanonicalJSON.Member("changed", .array(changes.map(CanonicalJSON.string)))]
            try Ledger.append(try webhook.event(.changeWebhook, by: act, at: now, details), on: db)
            return webhook
        }
    }

    /// Removes a webhook with all that was or is to be delivered to it.
    package func delete(_ id: String, by act: Act) async throws(MartletError) {
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let found = try FoundWebhook.find(id, on: db)
            let key = found.key
            try db.execute(WebhookQueries.deleteDeliveries(of: key))
            try db.execute(WebhookQueries.deleteKinds(of: key))
            try db.execute(WebhookQueries.delete(key))
            let subject = LedgerEvent.Subject.webhook(id: id, name: found.webhook.name.rawValue)
            try Ledger.append(LedgerEvent(.deleteWebhook, of: subject, by: act, at: now), on: db)
        }
    }

    /// Sends an example now, past the outbox, also to a webhook that is disabled.
    ///
    /// - Parameter kind: What to send an example of; `nil` for the first that it listens to.
    package func test(_ id: String, _ kind: EventKind? = nil) async throws(MartletError) -> WebhookTrial {
        let found = try await self.database.read { db throws(MartletError) in try FoundWebhook.find(id, on: db) }
        guard let kind = kind ?? found.webhook.kinds.first else { throw .noKinds }
        let now = self.surroundings.now()
        let message = WebhookMessage(
            deliveryID: .random(),
            webhookID: id,
            url: found.webhook.url,
            secret: found.secret,
            body: Event.example(of: kind, at: now).body
        )
        return WebhookTrial(await self.sender.send(message, at: now, self.secrets))
    }

    private static func check(_ description: String?, _ secret: String?) throws(MartletError) {
        guard description?.unicodeScalars.count ?? 0 <= Limits.descriptionCharacters else {
            throw .invalid("'description' exceeds the maximum length of \(Limits.descriptionCharacters) characters")
        }
        guard secret?.unicodeScalars.count ?? 0 <= self.secretCharactersMax else {
            throw .invalid("'secret' exceeds the maximum length of \(self.secretCharactersMax) characters")
        }
    }

    private static func key(_ position: [PageToken.Field]?) throws(MartletError) -> Int64 {
        guard let position else { return .max }
        guard case .integer(let key)? = position.first, position.count == 1 else { throw .foreignPosition }
        return key
    }
}

/// What came of an example.
package struct WebhookTrial: Sendable {
    package let isSuccess: Bool
    /// `nil` when nobody answered.
    package let status: Int?
    package let answer: String?
    /// Why nobody answered.
    package let failure: String?

    init(_ outcome: WebhookOutcome) {
        self.isSuccess = outcome.isSuccess
        switch outcome {
        case .answered(let status, let body, _): (self.status, self.answer, self.failure) = (status, body, nil)
        case .failed(let reason): (self.status, self.answer, self.failure) = (nil, nil, reason)
        }
    }
}

extension Webhook {
    fileprivate func applying(
        _ change: WebhookChange,
        hasSecret: Bool,
        at now: Timestamp
    ) throws(MartletError) -> Webhook {
        var webhook = self
        if let name = change.name { webhook.name = name }
        if let url = change.url { webhook.url = url }
        if let text = change.description { webhook.description = text.isEmpty ? nil : text }
        if let isActive = change.isActive {
            webhook.isActive = isActive
            if isActive { webhook.remark = nil }
        }
        if let kinds = change.kinds {
            guard !kinds.chosen.isEmpty else { throw .noKinds }
            let others = self.kinds.filter { !kinds.among.contains($0) }
            webhook.kinds = (kinds.chosen + others).sortedByName
        }
        webhook.hasSecret = hasSecret
        webhook.updatedAt = now
        return webhook
    }
}

extension [EventKind] {
    /// Each once.
    fileprivate var sortedByName: [EventKind] { Set(self).sorted { $0.name < $1.name } }
}

extension MartletError {
    fileprivate static let noKinds = MartletError.invalid(
        "Webhook events must be a non-empty list of WebhookEvent objects: []."
    )
}
