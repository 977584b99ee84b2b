import ArgumentParser
import MartletClient

/// `martlet undeploy`
struct UndeployCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "undeploy",
        abstract: "Take a deployment away; the ledger remembers it."
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try await client.deleteDeployment(self.deployment, reason: self.reason)
        OutputOptions.line(.good("took away "), "\(self.deployment)")
    }
}
