import MartletWire

/// How webhooks and their deliveries look.
enum WebhookView {
    static func list(_ webhooks: [WebhookRecord], _ screen: inout Screen) {
        let rows = webhooks.map { webhook -> [Cell] in
            [.strong(webhook.name), "\(webhook.id)", self.state(webhook), "\(webhook.url)"]
        }
        screen.table(["NAME", "ID", "STATE", "URL"], rows)
    }

    static func webhook(_ webhook: WebhookRecord, _ screen: inout Screen) {
        screen.line(.strong(webhook.name), " \(webhook.id): ", self.state(webhook))
        var rows: [[Cell]] = [["url", "\(webhook.url)"]]
        for event in webhook.events { rows.append(["event", "\(event)"]) }
        rows.append(["signed", webhook.hasSecret ? "yes" : "no"])
        if let description = webhook.description { rows.append(["description", "\(description)"]) }
        rows.append(["created", "\(Moment.short(webhook.createdAt))"])
        if let remark = webhook.remark { rows.append(["remark", .warning(remark)]) }
        screen.table(nil, rows, indent: 2)
    }

    static func trial(_ result: WebhookTrialResult, _ screen: inout Screen) {
        let status = result.status.map { "answered with \($0)" } ?? result.failure ?? "no answer"
        screen.line(result.isSuccess ? .good("received") : .bad("not received"), ": \(status)")
        if let answer = result.answer, !answer.isEmpty { screen.line(.faint(answer)) }
    }

    static func deliveries(_ deliveries: [DeliveryRecord], _ screen: inout Screen) {
        let rows = deliveries.map { delivery -> [Cell] in
            [
                "\(Moment.short(delivery.occurredAt))", "\(delivery.id)", "\(delivery.event)", self.state(delivery),
                "\(delivery.attempts)", "\(delivery.failure ?? "")",
            ]
        }
        screen.table(["HAPPENED", "ID", "EVENT", "STATE", "ATTEMPTS", "FAILURE"], rows)
    }

    private static func state(_ webhook: WebhookRecord) -> Cell {
        webhook.isActive ? .good("active") : .warning("disabled")
    }

    private static func state(_ delivery: DeliveryRecord) -> Cell {
        switch delivery.state {
        case "delivered": .good(delivery.state)
        case "dead": .bad(delivery.state)
        default: "\(delivery.state)"
        }
    }
}
