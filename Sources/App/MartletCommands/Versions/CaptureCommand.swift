import ArgumentParser
import MartletClient
import MartletWire

/// `martlet capture`
struct CaptureCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture",
        abstract: "Say what was captured of a version, what is missing, and how to capture it next time."
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try self.output.show(try await client.captureReport(of: self.version), Self.screen)
    }

    static func screen(_ report: CaptureReport, _ screen: inout Screen) {
        let rows: [[Cell]] = report.items.map { item in
            [
                item.isCaptured ? .good("✓") : .bad("✗"), .strong(item.name),
                item.isCaptured ? "\(item.found ?? "")" : .faint(item.remedy.map { "next time: \($0)" } ?? "missing"),
            ]
        }
        screen.table(nil, rows)
        screen.section("could not be read", nil, report.problems.map { ["\($0.path)", "\($0.reason)"] })
    }
}
