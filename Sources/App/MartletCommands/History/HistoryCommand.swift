import ArgumentParser
import MartletClient
import MartletWire

/// `martlet history`
struct HistoryCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Say who changed what, when and why; the newest first."
    )

    @OptionGroup var target: TargetOptions

    @Option(
        help: ArgumentHelp("Only what happened up to then. In UTC, unless there is a zone.", valueName: "time"),
        transform: Moment.parse
    )
    var at: Moment?

    @Option(help: "How many changes at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let target = try self.target.target()
        let (entries, next) = try await Pages.collect(self.limit) { limit, token in
            let page =
                switch target {
                case .model(let name):
                    try await client.history(ofModel: name, at: self.at?.text, limit: limit, pageToken: token)
                case .version(let reference):
                    try await client.history(of: reference, at: self.at?.text, limit: limit, pageToken: token)
                }
            return (page.entries, page.nextPageToken)
        }
        try self.output.show(HistoryPage(entries: entries, nextPageToken: next)) { page, screen in
            if page.entries.isEmpty { screen.line("nothing has happened") }
            HistoryView.table(page.entries, &screen)
            Pages.mention(next, &screen)
        }
    }
}
