import ArgumentParser
import MartletClient
import MartletWire

/// `martlet gate`
struct GateCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Say whether a version may enter a stage; moves nothing.",
        discussion: "Ends with 0 when it may and with 1 when not, so that a pipeline can stop there."
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Option(name: .customLong("for"), help: "The stage.")
    var stage = "production"

    @Flag(help: "Also end with 1 when the policy would only warn.")
    var strict = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let report = try await client.gates(of: self.version, stage: self.stage)
        try self.output.show(report, TransitionView.gates)
        let isClosed = !report.passed && (self.strict || report.mode != "warn")
        if isClosed { throw CommandFailure.refused }
    }
}
