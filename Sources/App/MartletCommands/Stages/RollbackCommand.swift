import ArgumentParser
import MartletClient
import MartletWire

/// `martlet rollback`
struct RollbackCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Bring back what served in a deployment before, or what was in a model's production.",
        discussion: """
            A name that a deployment and a model share needs --deployment or --model.

            Examples:
              martlet rollback support-bot --reason 'answers in French'
              martlet rollback support-bot --to 2.3.8
              martlet rollback iris
            """
    )

    @Argument(help: "The deployment or the model.")
    var name: String

    @Flag(help: "It is a deployment.")
    var deployment = false

    @Flag(help: "It is a model.")
    var model = false

    @Option(help: "The version that shall serve, as in 2.3.8; by default what served before the one that came last.")
    var to: String?

    @Option(help: "A model's other stage than production.")
    var stage: String?

    @Flag(help: "Go back in a deployment though what served before does not answer.")
    var force = false

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if self.isDeployment, self.isModel {
            throw ValidationError("--to and --deployment are about deployments, --stage and --model about models")
        }
    }

    private var isDeployment: Bool { self.deployment || self.to != nil }
    private var isModel: Bool { self.model || self.stage != nil }

    func run(_ client: MartletClient) async throws {
        if try await self.meansDeployment(client) {
            let request = DeploymentRollbackRequest(to: self.to, force: self.force ? true : nil, reason: self.reason)
            let deployment = try await client.rollback(deployment: self.name, request)
            return try self.output.show(deployment) { deployment, screen in
                DeploymentView.deployment(deployment, isServed: self.connection.data == nil, &screen)
            }
        }
        let request = RollbackRequest(stage: self.stage, reason: self.reason)
        try self.output.show(try await client.rollback(model: self.name, request), TransitionView.result)
    }

    private func meansDeployment(_ client: MartletClient) async throws -> Bool {
        if self.isDeployment || self.isModel { return self.isDeployment }
        let isDeployment = try await Self.exists { () throws(MartletClientError) in
            _ = try await client.deployment(self.name)
        }
        let isModel = try await Self.exists { () throws(MartletClientError) in _ = try await client.model(self.name) }
        guard isDeployment || isModel else {
            throw MartletClientError(
                .notFound,
                "There is neither a deployment nor a model '\(self.name)'; 'martlet deployments' and 'martlet list' "
                    + "say what there is."
            )
        }
        guard isDeployment else { return false }
        guard !isModel else {
            throw MartletClientError(
                .invalidArgument,
                "'\(self.name)' is a deployment and a model: say which, with --deployment or --model"
            )
        }
        return true
    }

    private static func exists(
        _ look: () async throws(MartletClientError) -> Void
    ) async throws(MartletClientError) -> Bool {
        do throws(MartletClientError) {
            try await look()
            return true
        } catch {
            // A model's name need not be one that a deployment could have.
            guard error.code == .notFound || error.status == 400 else { throw error }
            return false
        }
    }
}
