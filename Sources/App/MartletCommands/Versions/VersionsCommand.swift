import ArgumentParser
import MartletClient
import MartletWire

/// `martlet versions`
struct VersionsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "versions",
        abstract: "List the versions of a model, the newest first."
    )

    @Argument(help: "The model.")
    var model: String

    @Option(help: "Only versions that are in this stage.")
    var stage: String?

    @Option(help: "Only semantic versions in this range, as in '^1' or '~1.2'.")
    var range: String?

    @Flag(help: "List the deleted ones instead.")
    var deleted = false

    @Option(help: "How many at most.")
    var limit = 100

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let (versions, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.versions(
                ofModel: self.model,
                stage: self.stage,
                range: self.range,
                deleted: self.deleted,
                limit: limit,
                pageToken: token
            )
            return (page.versions, page.nextPageToken)
        }
        try self.output.show(VersionPage(versions: versions, nextPageToken: next)) { page, screen in
            if page.versions.isEmpty { screen.line("\(self.model) has no such versions") }
            VersionView.table(page.versions, &screen)
            Pages.mention(next, &screen)
        }
    }
}
