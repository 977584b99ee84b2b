import ArgumentParser
import MartletClient
import MartletWire

/// `martlet lineage`
struct LineageCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "lineage",
        abstract: "Say what a version came from and where it went, or what was made of a dataset.",
        discussion: """
            Example: martlet lineage iris@1.2.0
            Example: martlet lineage --dataset data.csv
            """
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference?

    @Option(help: "A dataset's name or digest.")
    var dataset: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        guard (self.version == nil) != (self.dataset == nil) else {
            throw ValidationError("name a version, or a dataset with --dataset")
        }
    }

    func run(_ client: MartletClient) async throws {
        if let version {
            try self.output.show(try await client.lineage(of: version), LineageView.tree)
        } else if let dataset {
            try self.output.show(try await client.lineage(ofDataset: dataset), LineageView.tree)
        }
    }
}
