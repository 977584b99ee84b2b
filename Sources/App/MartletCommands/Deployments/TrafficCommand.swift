import ArgumentParser
import MartletClient
import MartletCore
import MartletWire

/// `martlet traffic`
struct TrafficCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "traffic",
        abstract: "Show how the versions of a deployment are doing: rates, failures, durations."
    )

    /// How long `--watch` shows one picture.
    private static let pause = Duration.seconds(2)

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(
        help: "How far to look back, as in 30s, 15m, 1h or 7d, or a moment; 15m where absent.",
        transform: SinceArgument.parse
    )
    var since: SinceArgument?

    @Flag(help: "Show it again and again.")
    var watch = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        while true {
            let traffic = try await client.traffic(ofDeployment: self.deployment, since: self.since?.text ?? "15m")
            if self.watch, !self.output.json { OutputOptions.clearTerminal() }
            let found = self.output.json ? nil : try await client.findings(ofDeployment: self.deployment, limit: 5)
            try self.output.show(traffic) { traffic, screen in
                TrafficView.traffic(traffic, &screen)
                TrafficView.findings(found?.findings ?? [], &screen)
            }
            guard self.watch else { return }
            try StandardOutput.flush()
            try await Task.sleep(for: Self.pause)
        }
    }
}

/// How traffic looks.
enum TrafficView {
    static func traffic(_ traffic: TrafficRecord, _ screen: inout Screen) {
        screen.line(.faint("\(Moment.short(traffic.since)) to \(Moment.short(traffic.until))"))
        guard !traffic.arms.isEmpty else { return screen.line("no requests") }
        let rows: [[Cell]] = traffic.arms.map { traffic in
            let latency = traffic.latencyMicroseconds
            return [
                .strong(traffic.arm.name), "\(traffic.arm.role)", "\(traffic.requests)",
                "\(self.rate(traffic.requestsPerSecond))", self.errors(traffic), "\(traffic.refusals)",
                self.agreement(traffic),
                self.milliseconds(latency.p50), self.milliseconds(latency.p90), self.milliseconds(latency.p99),
                self.milliseconds(latency.max),
            ]
        }
        let header = ["ARM", "ROLE", "REQUESTS", "RATE", "FAILED", "4XX", "AGREED", "P50", "P90", "P99", "MAX"]
        screen.table(header, rows)
    }

    static func findings(_ findings: [FindingRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = findings.map { finding in
            [
                "\(Moment.short(finding.at))", "\(finding.revision)", .strong(finding.arm.name),
                .warning(finding.condition), "\(self.measured(finding))",
                "\(Moment.shortened(in: finding.remark ?? ""))",
            ]
        }
        let header = ["AT", "REVISION", "ARM", "CONDITION", "MEASURED", "REMARK"]
        screen.section("Conditions that were met", header, rows)
    }

    /// As in `4.2% of 150`, in the unit of what the condition is about.
    private static func measured(_ finding: FindingRecord) -> String {
        let value =
            if finding.condition.hasPrefix("error rate ") || finding.condition.contains(#/^agreement .*requests:/#) {
                "\((finding.measured * 100).brief)%"
            } else if finding.condition.contains(#/^p[\d.]+ over .*requests:/#) {
                "\(finding.measured.brief)ms"
            } else {
                finding.measured.brief
            }
        return "\(value) of \(finding.count)"
    }

    /// Also where there is less than one request in a minute, it is not nothing.
    private static func rate(_ perSecond: Double) -> String {
        if perSecond == 0 || perSecond >= 0.1 { return "\(self.rounded(perSecond))/s" }
        let thousandths = (perSecond * 1_000).rounded()
        return thousandths == 0 ? "< 0.001/s" : "\(Amount.value(thousandths / 1_000))/s"
    }

    private static func errors(_ traffic: ArmTrafficRecord) -> Cell {
        Cell("\(self.rounded(traffic.errorRate * 100))%", traffic.failures > 0 ? .bad : .plain)
    }

    /// Of a shadow's answers with those that were returned.
    private static func agreement(_ traffic: ArmTrafficRecord) -> Cell {
        guard let rate = traffic.agreementRate else { return "-" }
        let count = traffic.agreements + traffic.differences
        return Cell("\(self.rounded(rate * 100))% of \(count)", traffic.differences > 0 ? .bad : .plain)
    }

    private static func milliseconds(_ microseconds: Int64) -> Cell {
        "\(self.rounded(Double(microseconds) / 1_000)) ms"
    }

    /// With at most two digits behind the point.
    private static func rounded(_ value: Double) -> String {
        Amount.value((value * 100).rounded() / 100)
    }
}
