import HTTPTypes
import Hummingbird
import MartletCore
import MartletEvents
import MartletHTTP
import MartletSearch
import MartletWire

/// What was and is to be delivered to webhooks.
struct DeliveryOperations {
    private static let path = "/webhooks/{webhook}/deliveries"

    let services: NativeServices

    var all: [Operation] {
        [
            .get(
                Self.path,
                "listDeliveries",
                "List what was and is to be delivered to a webhook, the newest first",
                needs: .readWebhooks,
                query: .paging + [.init("state", "Only those that are due, queued, delivered or dead")],
                answer: .json(.init(of: DeliveryPage.self)),
                run: self.list
            ),
            .change(
                .post,
                "\(Self.path)/{delivery}/replay",
                "replayDelivery",
                "Deliver again what was delivered or given up, under the same id",
                needs: .writeWebhooks,
                answer: .json(.init(of: DeliveryRecord.self))
            ) { request throws(MartletError) in
                let delivery = try await self.services.deliveries.replay(
                    try request.capture("delivery"),
                    of: try request.webhookID()
                )
                return try .json(DeliveryRecord(delivery))
            },
            .change(
                .post,
                "/webhooks/{webhook}/replay-dead",
                "replayDeadDeliveries",
                "Deliver again everything that was given up",
                needs: .writeWebhooks,
                answer: .json(.init(of: ReplayResult.self))
            ) { request throws(MartletError) in
                try .json(
                    ReplayResult(count: try await self.services.deliveries.replayDead(of: try request.webhookID()))
                )
            },
        ]
    }

    @Sendable private func list(_ request: NativeRequest) async throws(MartletError) -> Response {
        let id = try request.webhookID()
        let state = try request.text("state").map { text throws(MartletError) in
            guard let state = Delivery.State(rawValue: text) else {
                throw .invalid("'\(text)' is no state of a delivery; it is due, queued, delivered or dead.")
            }
            return state
        }
        let question = Fingerprint(of: ["deliveries", id, state?.rawValue ?? ""])
        let page = try await self.services.deliveries.list(
            of: id,
            in: state,
            after: try request.position(in: question),
            limit: try request.limit()
        )
        return try .json(DeliveryPage(page, question: question))
    }
}
