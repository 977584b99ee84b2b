import ArgumentParser
import MartletClient
import MartletWire

/// `martlet deployments`
struct DeploymentsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "deployments",
        abstract: "Show what serves where, or what a deployment was before."
    )

    @Argument(help: "Only this one.")
    var deployment: String?

    @Flag(help: "Show all of its revisions, the newest first.")
    var revisions = false

    @Option(help: "How many at most.")
    var limit = 50

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if self.revisions, self.deployment == nil { throw ValidationError("revisions of which deployment?") }
    }

    func run(_ client: MartletClient) async throws {
        guard let deployment else { return try await self.list(client) }
        guard self.revisions else {
            return try self.output.show(try await client.deployment(deployment)) { deployment, screen in
                DeploymentView.deployment(deployment, &screen)
                DeploymentView.settings(deployment.revision.settings, &screen)
            }
        }
        let (revisions, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.revisions(ofDeployment: deployment, limit: limit, pageToken: token)
            return (page.revisions, page.nextPageToken)
        }
        try self.output.show(revisions) { revisions, screen in
            DeploymentView.revisions(revisions, &screen)
            Pages.mention(next, &screen)
        }
    }

    private func list(_ client: MartletClient) async throws {
        let (deployments, next) = try await Pages.collect(self.limit) { limit, token in
            let page = try await client.deployments(limit: limit, pageToken: token)
            return (page.deployments, page.nextPageToken)
        }
        try self.output.show(deployments) { deployments, screen in
            if deployments.isEmpty { screen.line("nothing is deployed") }
            DeploymentView.list(deployments, &screen)
            Pages.mention(next, &screen)
        }
    }
}
