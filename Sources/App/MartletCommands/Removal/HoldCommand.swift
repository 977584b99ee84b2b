import ArgumentParser
import MartletClient
import MartletWire

/// `martlet hold`
struct HoldCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold",
        abstract: "Forbid that a version is purged, or allow it again.",
        discussion: "Example: martlet hold iris@1.2.0 --reason 'case 4711'"
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Option(help: "Why.")
    var reason: String?

    @Flag(help: "End the hold.")
    var release = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if !self.release, self.reason == nil { throw ValidationError("say why with --reason") }
    }

    func run(_ client: MartletClient) async throws {
        let version =
            self.release
            ? try await client.releaseVersion(self.version, reason: self.reason)
            : try await client.holdVersion(self.version, reason: self.reason ?? "")
        try self.output.show(version) { version, screen in
            let state = version.legalHold.map { "is held: \($0)" } ?? "is not held"
            screen.line(.strong(VersionView.name(version)), " \(state)")
        }
    }
}
