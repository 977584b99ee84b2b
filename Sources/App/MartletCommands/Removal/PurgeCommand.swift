import ArgumentParser
import Glibc
import MartletClient
import MartletWire

/// `martlet purge`
struct PurgeCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Destroy the content of a deleted version for good; its history stays.",
        discussion: """
            Of a model, all deleted versions are purged. What is under a legal hold, or was in production within the \
            time that the policy says, is refused.
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Why.")
    var reason: String

    @Flag(help: "Do not ask.")
    var yes = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let target = try self.target.target()
        try self.confirm()
        var purged: [VersionRecord] = []
        for version in try await self.versions(target, client) {
            purged.append(try await client.purgeVersion(version, reason: self.reason))
        }
        try self.output.show(VersionPage(versions: purged, nextPageToken: nil)) { page, screen in
            if page.versions.isEmpty { screen.line("there are no deleted versions") }
            for version in page.versions { screen.line(.warning("purged "), .strong(VersionView.name(version))) }
        }
    }

    private func versions(_ target: Target, _ client: MartletClient) async throws -> [VersionReference] {
        switch target {
        case .version(let reference): return [reference]
        case .model(let name):
            let (versions, _) = try await Pages.collect(.max) { limit, token in
                let page = try await client.versions(
                    ofModel: name,
                    deleted: true,
                    limit: limit,
                    pageToken: token
                )
                return (page.versions, page.nextPageToken)
            }
            return versions.filter { $0.deletedAt != nil && $0.purgedAt == nil }
                .map { VersionReference(model: name, number: $0.number) }
        }
    }

    /// Has the user write the name again.
    private func confirm() throws {
        guard !self.yes else { return }
        guard isatty(STDIN_FILENO) == 1 else {
            throw MartletClientError(.invalidArgument, "a purge cannot be undone: confirm it with --yes")
        }
        ErrorOutput.write("This cannot be undone. Write '\(self.target.text)' to go on: ")
        guard readLine() == self.target.text else { throw MartletClientError(.cancelled, "nothing was purged") }
    }
}
