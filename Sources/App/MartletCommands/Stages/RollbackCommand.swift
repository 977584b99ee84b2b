import ArgumentParser
import MartletClient
import MartletWire

/// `martlet rollback`
struct RollbackCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Bring back the version that was in production before."
    )

    @Argument(help: "The model.")
    var model: String

    @Option(help: "Another stage than production.")
    var stage: String?

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let request = RollbackRequest(stage: self.stage, reason: self.reason)
        try self.output.show(try await client.rollback(model: self.model, request), TransitionView.result)
    }
}
