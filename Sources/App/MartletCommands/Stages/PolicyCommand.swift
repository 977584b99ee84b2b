import ArgumentParser
import FoundationEssentials
import MartletClient
import MartletWire

/// `martlet policy`
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "What a model asks of a version before it may enter a stage.",
        subcommands: [PolicyShowCommand.self, PolicySetCommand.self]
    )
}

/// `martlet policy show`
struct PolicyShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a model's policy, as JSON that 'policy set' takes."
    )

    @Argument(help: "The model.")
    var model: String

    @Flag(help: .hidden)
    var json = false

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        print(try OutputOptions.text(try await client.policy(ofModel: self.model)))
    }
}

/// `martlet policy set`
struct PolicySetCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Replace a model's policy.",
        discussion: """
            Example of a policy: {"stages": {"production": {"mode": "enforce", "approvals": 1, \
            "thresholds": [{"metric": "accuracy", "min": 0.9}]}}}
            """
    )

    @Argument(help: "The model.")
    var model: String

    @Argument(help: "A JSON file; - for the standard input.")
    var file: String

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let policy = try await client.setPolicy(try self.policy(), ofModel: self.model, reason: self.reason)
        try self.output.show(policy) { policy, screen in
            let stages = policy.stages.keys.sorted().joined(separator: ", ")
            screen.line(
                .good("set "),
                "the policy of \(self.model)\(stages.isEmpty ? "" : ", with gates for \(stages)")"
            )
        }
    }

    private func policy() throws -> PolicyDocument {
        let text = try TextFile.readArgument(self.file)
        do {
            return try JSONDecoder().decode(PolicyDocument.self, from: Data(text.utf8))
        } catch {
            throw MartletClientError(.invalidArgument, "'\(self.file)' is no policy: \(error)")
        }
    }
}
