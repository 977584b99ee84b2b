import ArgumentParser
import MartletClient
import MartletWire

/// `martlet promote`
struct PromoteCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Move a version to another stage.",
        discussion: """
            Ends with 1 when a gate of the model's policy is closed, or when somebody else moved the version first.

            Example: martlet promote iris@1.2.0 --to staging --reason 'passed the nightly run'
            """
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Option(help: "The stage to move it to.")
    var to: String

    @Option(help: "Why.")
    var reason: String?

    @Option(help: "Move it only if it is in this stage.")
    var from: String?

    @Flag(help: "Leave other versions where they are; without it those in production are archived.")
    var keepOthers = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        // What the name means is settled once; if that version is moved in between, nothing happens.
        let seen = try await client.version(self.version)
        let request = TransitionRequest(
            to: self.to,
            reason: self.reason,
            from: self.from,
            keepsOthers: self.keepOthers ? true : nil
        )
        let result = try await client.transition(
            VersionReference(model: seen.model, number: seen.number),
            request,
            ifRevisionIs: seen.revision
        )
        try self.output.show(result, TransitionView.result)
    }
}
