import ArgumentParser
import MartletClient
import MartletWire

/// `martlet experiments`
struct ExperimentsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiments",
        abstract: "List a deployment's experiments, the newest first."
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "How many at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let (experiments, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.experiments(inDeployment: self.deployment, limit: limit, pageToken: token)
            return (page.experiments, page.nextPageToken)
        }
        try self.output.show(experiments) { experiments, screen in
            if experiments.isEmpty { screen.line("\(self.deployment) has had no experiment") }
            ExperimentView.list(experiments, &screen)
            Pages.mention(next, &screen)
        }
    }
}
