import ArgumentParser
import MartletClient
import MartletWire

/// `martlet webhook`
struct WebhookCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhook",
        abstract: "Tell others of what happens, and look what became of it.",
        discussion: """
            Examples:
              martlet webhook create ci https://ci.example.com/hook --event model_version.moved --secret-file secret
              martlet webhook test ID
              martlet webhook deliveries ID --state dead
              martlet webhook replay ID
            """,
        subcommands: [
            WebhookListCommand.self, WebhookShowCommand.self, WebhookCreateCommand.self, WebhookUpdateCommand.self,
            WebhookTestCommand.self, WebhookDeleteCommand.self, WebhookDeliveriesCommand.self,
            WebhookReplayCommand.self,
        ]
    )
}

/// `martlet webhook list`
struct WebhookListCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List them, the newest first.")

    @Option(help: "How many at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let (webhooks, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.webhooks(limit: limit, pageToken: token)
            return (page.webhooks, page.nextPageToken)
        }
        try self.output.show(webhooks) { webhooks, screen in
            if webhooks.isEmpty { screen.line("nobody is told of anything") }
            WebhookView.list(webhooks, &screen)
            Pages.mention(next, &screen)
        }
    }
}

/// `martlet webhook show`
struct WebhookShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one.")

    @Argument(help: "The webhook's id.")
    var webhook: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try self.output.show(try await client.webhook(self.webhook), WebhookView.webhook)
    }
}

/// `martlet webhook test`
struct WebhookTestCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Send an example now, also to one that is disabled, and show what came back."
    )

    @Argument(help: "The webhook's id.")
    var webhook: String

    @Option(help: "What to send an example of; the first that it listens to where absent.")
    var event: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let result = try await client.testWebhook(self.webhook, event: self.event)
        try self.output.show(result, WebhookView.trial)
        if !result.isSuccess { throw ExitCode.failure }
    }
}

/// `martlet webhook delete`
struct WebhookDeleteCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove one with all that was or is to be delivered to it."
    )

    @Argument(help: "The webhook's id.")
    var webhook: String

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try await client.deleteWebhook(self.webhook, reason: self.reason)
        OutputOptions.line(.good("deleted "), "\(self.webhook)")
    }
}
