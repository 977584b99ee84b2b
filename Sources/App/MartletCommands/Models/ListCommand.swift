import ArgumentParser
import MartletClient
import MartletWire

/// `martlet list`
struct ListCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models, in the order of their names."
    )

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let (models, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.models(limit: limit, pageToken: token)
            return (page.models, page.nextPageToken)
        }
        try self.output.show(ModelPage(models: models, nextPageToken: next)) { page, screen in
            if page.models.isEmpty { screen.line("no models yet: 'martlet push DIR --name MODEL' makes one") }
            ModelView.table(page.models, &screen)
            Pages.mention(next, &screen)
        }
    }
}
