import ArgumentParser
import MartletClient

/// `martlet undeploy`
struct UndeployCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "undeploy",
        abstract: "Take a deployment away; the ledger remembers it.",
        discussion: """
            The records of its decisions stay for as long as they are kept, but only 'martlet decision ID' finds them \
            from then on. To have all of them, export them first: martlet decisions DEPLOYMENT -o FILE
            """
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try await client.deleteDeployment(self.deployment, reason: self.reason)
        OutputOptions.line(.good("took away "), "\(self.deployment)")
        OutputOptions.line(.faint("its records are found by their ids only from now on: martlet decision ID"))
    }
}
