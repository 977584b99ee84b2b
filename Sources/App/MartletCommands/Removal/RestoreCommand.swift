import ArgumentParser
import MartletClient
import MartletWire

/// `martlet restore`
struct RestoreCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Bring a deleted version or model back."
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        switch try self.target.target() {
        case .model(let name):
            try self.output.show(try await client.restoreModel(name, reason: self.reason), ModelView.facts)
        case .version(let reference):
            try self.output.show(
                try await client.restoreVersion(reference, reason: self.reason),
                VersionView.facts
            )
        }
    }
}
