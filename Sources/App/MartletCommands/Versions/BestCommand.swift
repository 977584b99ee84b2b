import ArgumentParser
import MartletClient
import MartletWire

/// `martlet best`
struct BestCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "best",
        abstract: "Rank the versions of a model by a metric.",
        discussion: "Only measurements on the same dataset are compared: there is one ranking for each."
    )

    @Argument(help: "The model.")
    var model: String

    @Option(help: "The metric.")
    var metric: String

    @Option(help: "Only measurements on this dataset: its name or its digest.")
    var dataset: String?

    @Flag(help: "The lower the value, the better. Without it, the metric's name decides.")
    var lowerIsBetter = false

    @Flag(help: "The higher the value, the better.")
    var higherIsBetter = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if self.lowerIsBetter, self.higherIsBetter {
            throw ValidationError("--lower-is-better and --higher-is-better exclude each other")
        }
    }

    func run(_ client: MartletClient) async throws {
        let better = self.lowerIsBetter ? "lower" : self.higherIsBetter ? "higher" : nil
        let leaderboard = try await client.leaderboard(
            ofModel: self.model,
            metric: self.metric,
            dataset: self.dataset,
            better: better
        )
        try self.output.show(leaderboard, Self.screen)
    }

    static func screen(_ leaderboard: Leaderboard, _ screen: inout Screen) {
        screen.line(
            .strong("\(leaderboard.model) by \(leaderboard.metric)"),
            .faint(" (\(leaderboard.better) is better)")
        )
        if leaderboard.rankings.isEmpty { screen.line("no version has been measured") }
        for ranking in leaderboard.rankings {
            let digest = ranking.datasetDigest.map { " #\($0.prefix(12))" } ?? ""
            let rows: [[Cell]] = ranking.entries.enumerated().map { place, entry in
                let value = Amount.value(entry.value)
                return [
                    "\(place + 1).", place == 0 ? .good(value) : Cell(value), .strong(entry.semanticVersion ?? "-"),
                    "\(entry.number)", VersionView.stage(entry.stage),
                ]
            }
            let title = ranking.datasetName.map { "on \($0)\(digest)" } ?? "on no dataset that was named"
            screen.section(title, ["", "VALUE", "VERSION", "NUMBER", "STAGE"], rows)
        }
    }
}
