import ArgumentParser
import MartletClient
import MartletWire

/// `martlet webhook deliveries`
struct WebhookDeliveriesCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliveries",
        abstract: "Show what was and is to be delivered, the newest first."
    )

    @Argument(help: "The webhook's id.")
    var webhook: String

    @Option(help: "Only those that are due, queued, delivered or dead.")
    var state: String?

    @Option(help: "How many at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let (deliveries, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.deliveries(
                ofWebhook: self.webhook,
                state: self.state,
                limit: limit,
                pageToken: token
            )
            return (page.deliveries, page.nextPageToken)
        }
        try self.output.show(deliveries) { deliveries, screen in
            if deliveries.isEmpty { screen.line("no deliveries") }
            WebhookView.deliveries(deliveries, &screen)
            Pages.mention(next, &screen)
        }
    }
}

/// `martlet webhook replay`
struct WebhookReplayCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Deliver again, under the same id: one delivery, or all that were given up."
    )

    @Argument(help: "The webhook's id.")
    var webhook: String

    @Argument(help: "The delivery's id; everything that was given up where absent.")
    var delivery: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        guard let delivery else {
            let result = try await client.replayDead(ofWebhook: self.webhook)
            return try self.output.show(result) { result, screen in
                screen.line(.good("\(result.count)"), result.count == 1 ? " is on its way" : " are on their way")
            }
        }
        let record = try await client.replay(delivery: delivery, ofWebhook: self.webhook)
        try self.output.show([record]) { WebhookView.deliveries($0, &$1) }
    }
}
