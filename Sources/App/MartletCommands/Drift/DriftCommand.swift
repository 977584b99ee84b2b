import ArgumentParser
import MartletClient
import MartletCore
import MartletWire

/// `martlet drift`
struct DriftCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Say how far what versions see and say is from what they were trained on."
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(
        help: ArgumentHelp(
            "From the hour of that moment (in UTC) on, or how far to look back, as in 7d; 24 hours where absent.",
            valueName: "time"
        ),
        transform: SinceArgument.parse
    )
    var since: SinceArgument?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let report = try await client.drift(inDeployment: self.deployment, since: self.since?.moment())
        try self.output.show(report, DriftView.report)
    }
}

/// How drift looks.
enum DriftView {
    /// Beyond which a stability index is usually taken for drift.
    private static let psiMax = 0.2

    static func report(_ report: DriftReportRecord, _ screen: inout Screen) {
        let rows: [[Cell]] = report.arms.flatMap { arm in arm.features.map { self.row($0, of: arm.arm) } }
        if rows.isEmpty {
            screen.line("nothing is counted: say what with 'martlet deploy DEPLOYMENT --feature NAME=PATH'")
        }
        screen.table(["ARM", "FEATURE", "VALUES", "PSI", "BY CHANCE", "KS", "P"], rows)
        if !rows.isEmpty { screen.line(.faint("since \(Moment.short(report.since))")) }
    }

    private static func row(_ feature: FeatureDriftRecord, of arm: String) -> [Cell] {
        let names: [Cell] = ["\(arm)", .strong(feature.name), "\(feature.count)"]
        guard feature.hasReference else { return names + [.warning("no reference")] }
        guard let psi = feature.psi else { return names }
        let isDrift = psi > self.psiMax && psi > 2 * (feature.psiWithoutDrift ?? 0)
        let cells: [Cell] = [Cell(psi.brief, isDrift ? .bad : .plain), "\((feature.psiWithoutDrift ?? 0).brief)"]
        guard let distance = feature.ksDistance, let pValue = feature.ksPValue else { return names + cells }
        return names + cells + ["\(distance.brief)", "\(PValueText.alone(pValue))"]
    }
}
