import MartletCore
import MartletEvents
import MartletSearch
import MartletWire

extension WebhookRecord {
    init(_ webhook: Webhook) {
        self.init(
            id: webhook.id,
            name: webhook.name.rawValue,
            url: webhook.url,
            events: webhook.kinds.map(\.name),
            description: webhook.description,
            hasSecret: webhook.hasSecret,
            isActive: webhook.isActive,
            remark: webhook.remark,
            createdAt: webhook.createdAt.text,
            updatedAt: webhook.updatedAt.text
        )
    }
}

extension WebhookPage {
    init(_ page: Page<Webhook>, question: Fingerprint) {
        self.init(
            webhooks: page.items.map { WebhookRecord($0) },
            nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
        )
    }
}

extension DeliveryRecord {
    init(_ delivery: Delivery) {
        self.init(
            id: delivery.id.rawValue,
            event: delivery.kind.name,
            state: delivery.state.rawValue,
            attempts: delivery.attempts,
            dueAt: delivery.dueAt?.text,
            status: delivery.status,
            failure: delivery.failure,
            occurredAt: delivery.occurredAt.text,
            changedAt: delivery.changedAt.text,
            body: delivery.body
        )
    }
}

extension DeliveryPage {
    init(_ page: Page<Delivery>, question: Fingerprint) {
        self.init(
            deliveries: page.items.map { DeliveryRecord($0) },
            nextPageToken: page.next.map { PageToken(question: question, fields: $0).text }
        )
    }
}

extension WebhookTrialResult {
    init(_ trial: WebhookTrial) {
        self.init(isSuccess: trial.isSuccess, status: trial.status, answer: trial.answer, failure: trial.failure)
    }
}

extension EventKind {
    /// - Throws: `invalidArgument` that says what there is.
    init(validating name: String) throws(MartletError) {
        guard let kind = EventKind(named: name) else {
            let names = EventKind.all.map(\.name).joined(separator: ", ")
            throw .invalid("'\(name)' is no event; there are \(names).")
        }
        self = kind
    }
}

extension [EventKind] {
    init(validating names: [String]) throws(MartletError) {
        self = try names.map { name throws(MartletError) in try EventKind(validating: name) }
    }
}
