import HTTPTypes
import Hummingbird
import MartletCore
import MartletEvents
import MartletHTTP
import MartletSearch
import MartletWire

/// Who is told of what happens.
struct WebhookOperations {
    private static let path = "/webhooks/{webhook}"

    let services: NativeServices

    var all: [Operation] { self.looks + self.changes }

    private var looks: [Operation] {
        [
            .get(
                "/webhooks",
                "listWebhooks",
                "List webhooks, the newest first",
                needs: .readWebhooks,
                query: .paging,
                answer: .json(.init(of: WebhookPage.self))
            ) { request throws(MartletError) in
                let question = Fingerprint(of: ["webhooks"])
                let page = try await self.services.webhooks.list(
                    after: try request.position(in: question),
                    limit: try request.limit()
                )
                return try .json(WebhookPage(page, question: question))
            },
            .get(
                Self.path,
                "getWebhook",
                "Show a webhook",
                needs: .readWebhooks,
                answer: .json(.init(of: WebhookRecord.self))
            ) { request throws(MartletError) in
                try .json(WebhookRecord(try await self.services.webhooks.webhook(try request.webhookID())))
            },
        ]
    }

    private var changes: [Operation] {
        [
            .change(
                .post,
                "/webhooks",
                "createWebhook",
                "Tell somebody of what happens",
                needs: .writeWebhooks,
                query: [.reason],
                body: .json(.init(of: WebhookCreation.self)),
                status: .created,
                answer: .json(.init(of: WebhookRecord.self)),
                run: self.create
            ),
            .change(
                .patch,
                Self.path,
                "updateWebhook",
                "Change a webhook",
                needs: .writeWebhooks,
                query: [.reason],
                body: .json(.init(of: WebhookUpdate.self)),
                answer: .json(.init(of: WebhookRecord.self)),
                run: self.update
            ),
            .change(
                .delete,
                Self.path,
                "deleteWebhook",
                "Remove a webhook with all that was or is to be delivered to it",
                needs: .writeWebhooks,
                query: [.reason],
                status: .noContent
            ) { request throws(MartletError) in
                try await self.services.webhooks.delete(try request.webhookID(), by: try request.act())
                return .noContent
            },
            .change(
                .post,
                "\(Self.path)/test",
                "testWebhook",
                "Send a webhook an example now",
                needs: .writeWebhooks,
                body: .json(.init(of: WebhookTrialRequest.self)),
                isBodyRequired: false,
                answer: .json(.init(of: WebhookTrialResult.self)),
                run: self.test
            ),
        ]
    }

    @Sendable private func create(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.message(WebhookCreation.self)
        let webhook = try await self.services.webhooks.create(
            NewWebhook(
                name: try WebhookName(validating: message.name),
                url: message.url,
                kinds: try [EventKind](validating: message.events),
                description: message.description,
                secret: message.secret.flatMap { $0.isEmpty ? nil : $0 },
                isActive: message.isActive ?? true
            ),
            by: try request.act()
        )
        return try .json(WebhookRecord(webhook), status: .created)
    }

    @Sendable private func update(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.message(WebhookUpdate.self)
        let change = WebhookChange(
            name: try message.name.map { text throws(MartletError) in try WebhookName(validating: text) },
            url: message.url,
            kinds: try message.events.map { names throws(MartletError) in .init(try [EventKind](validating: names)) },
            description: message.description,
            secret: message.secret,
            isActive: message.isActive
        )
        let id = try request.webhookID()
        let webhook = try await self.services.webhooks.update(id, change, by: try request.act())
        return try .json(WebhookRecord(webhook))
    }

    @Sendable private func test(_ request: NativeRequest) async throws(MartletError) -> Response {
        let message = try await request.optionalMessage(WebhookTrialRequest.self)
        let kind = try message?.event.map { name throws(MartletError) in try EventKind(validating: name) }
        return try .json(WebhookTrialResult(try await self.services.webhooks.test(try request.webhookID(), kind)))
    }
}

extension NativeRequest {
    func webhookID() throws(MartletError) -> String { try self.capture("webhook") }
}
