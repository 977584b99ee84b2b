import ArgumentParser
import MartletClient
import MartletWire

/// `martlet delete`
struct DeleteCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Hide a version or a model; 'martlet restore' brings it back."
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        switch try self.target.target() {
        case .model(let name): try await client.deleteModel(name, reason: self.reason)
        case .version(let reference): try await client.deleteVersion(reference, reason: self.reason)
        }
        OutputOptions.line(.good("deleted "), "\(self.target.text); 'martlet restore' brings it back")
    }
}
