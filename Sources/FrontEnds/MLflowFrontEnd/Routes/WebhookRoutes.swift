import HTTPTypes
import MartletCore
import MartletEvents
import MartletJSON
import MartletSearch

/// `webhooks`: who is told of what happens to models and prompts.
struct WebhookRoutes {
    private static let pageSize = 100
    private static let pageSizeMax = 1_000

    let webhooks: WebhookService

    func register(on routes: MLflowRoutes) {
        routes
            .on(.post, "webhooks", needs: .writeWebhooks, use: self.create)
            .on(.get, "webhooks", needs: .readWebhooks, use: self.list)
            .on(.get, "webhooks/:webhook_id", needs: .readWebhooks, use: self.get)
            .on(.patch, "webhooks/:webhook_id", needs: .writeWebhooks, use: self.update)
            .on(.delete, "webhooks/:webhook_id", needs: .writeWebhooks, use: self.delete)
            .on(.post, "webhooks/:webhook_id/test", needs: .writeWebhooks, use: self.test)
    }

    @Sendable private func create(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let name = try fields.requiredString("name")
        let url = try fields.requiredString("url")
        guard let kinds = try fields.eventKinds() else { throw fields.missing("events") }
        let webhook = try await self.webhooks.create(
            NewWebhook(
                name: try WebhookName(validating: name),
                url: url,
                kinds: kinds,
                description: try fields.filledString("description"),
                secret: try fields.filledString("secret"),
                isActive: try fields.isActive() ?? true
            ),
            by: fields.act
        )
        return Self.answer(webhook)
    }

    @Sendable private func list(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let limit = try fields.integer("max_results") ?? 0
        guard (0...Int64(Self.pageSizeMax)).contains(limit) else {
            throw .invalid("max_results must be between 1 and \(Self.pageSizeMax).")
        }
        let question = Fingerprint(of: ["webhooks"])
        let page = try await self.webhooks.list(
            listeningTo: EventKind.mlflow,
            after: try fields.position(in: question),
            limit: limit == 0 ? Self.pageSize : Int(limit)
        )
        return .object { json in
            json.array("webhooks", of: page.items) { json, webhook in
                json.beginObject()
                json.members(of: webhook)
                json.endObject()
            }
            json.nextPage(page.next, of: question)
        }
    }

    @Sendable private func get(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        Self.answer(try await self.find(fields))
    }

    @Sendable private func update(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let id = try await self.find(fields).id
        var change = WebhookChange(
            url: try fields.filledString("url"),
            description: try fields.string("description"),
            secret: try fields.string("secret"),
            isActive: try fields.isActive()
        )
        if let name = try fields.filledString("name") { change.name = try WebhookName(validating: name) }
        // An empty list is none, as there; kinds that MLflow does not know stay.
        if let kinds = try fields.eventKinds(), !kinds.isEmpty { change.kinds = .init(kinds, among: EventKind.mlflow) }
        return Self.answer(try await self.webhooks.update(id, change, by: fields.act))
    }

    @Sendable private func delete(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        try await self.webhooks.delete(try await self.find(fields).id, by: fields.act)
        return .empty
    }

    @Sendable private func test(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let webhook = try await self.find(fields)
        let kind = try fields.object("event").map { event throws(MartletError) in try event.eventKind() }
        let trial = try await self.webhooks.test(webhook.id, kind ?? webhook.mlflowKinds.first)
        return .object { json in
            json.object("result") { json in
                json.member("success", trial.isSuccess)
                json.member("response_status", trial.status.map(Int64.init))
                json.member("response_body", trial.answer)
                json.member("error_message", trial.failure.map { "Failed to test webhook: \($0)" })
            }
        }
    }

    /// A webhook that listens to nothing that MLflow knows does not exist for its clients, which could not read it.
    private func find(_ fields: MLflowFields) async throws(MartletError) -> Webhook {
        let id = try fields.requiredString("webhook_id")
        let webhook = try await self.webhooks.webhook(id)
        guard !webhook.mlflowKinds.isEmpty else {
            throw MartletError(.notFound, "Webhook with ID \(id) not found.")
        }
        return webhook
    }

    private static func answer(_ webhook: Webhook) -> JSONWriter {
        .object { json in json.object("webhook") { $0.members(of: webhook) } }
    }
}
