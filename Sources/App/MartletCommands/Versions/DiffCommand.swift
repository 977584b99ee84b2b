import ArgumentParser
import MartletClient
import MartletWire

/// `martlet diff`
struct DiffCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Say how two versions differ.",
        discussion: "Example: martlet diff iris@production iris@1.3.0"
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var from: VersionReference

    @Argument(help: "The other version.", transform: VersionReference.parse)
    var to: VersionReference

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try self.output.show(try await client.diff(from: self.from, to: self.to), DiffView.report)
    }
}
