import ArgumentParser
import MartletClient
import MartletWire

/// `martlet approve`
struct ApproveCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Say that a version may enter a stage, or list who said so."
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Option(name: .customLong("for"), help: "The stage. (default: production)")
    var stage: String?

    @Option(help: "Why.")
    var reason: String?

    @Flag(help: "List the approvals instead.")
    var list = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        guard self.list else {
            let approval = try await client.approve(
                self.version,
                ApprovalRequest(stage: self.stage, reason: self.reason)
            )
            return try self.output.show(approval) { approval, screen in
                screen.line(.good("approved "), "\(self.version) for \(approval.stage) as \(approval.actor)")
            }
        }
        try self.output.show(try await client.approvals(of: self.version)) { list, screen in
            if list.approvals.isEmpty { screen.line("nobody has approved \(self.version)") }
            let rows: [[Cell]] = list.approvals.map {
                [VersionView.stage($0.stage), "\($0.actor)", "\(Moment.short($0.at))", "\($0.reason ?? "")"]
            }
            screen.table(["STAGE", "BY", "AT", "REASON"], rows)
        }
    }
}
