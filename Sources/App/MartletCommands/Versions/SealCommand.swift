import ArgumentParser
import MartletClient
import MartletWire

/// `martlet seal`
struct SealCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Seal a version whose files came after it was registered."
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try self.output.show(try await client.sealVersion(self.version, reason: self.reason)) { version, screen in
            screen.line(.strong(VersionView.name(version)), " is \(VersionView.seal(version.seal))")
        }
    }
}
