import ArgumentParser
import MartletClient
import MartletWire

/// `martlet experiment`
struct ExperimentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment",
        abstract: "Find out which of a deployment's versions is better.",
        discussion: """
            Examples:
              martlet experiment start support-bot --goal resolved --guardrail gateway.error:margin=0.01
              martlet experiment support-bot
              martlet experiment stop support-bot --reason 'good enough'
            """,
        subcommands: [ExperimentStartCommand.self, ExperimentShowCommand.self, ExperimentStopCommand.self],
        defaultSubcommand: ExperimentShowCommand.self
    )
}

/// `martlet experiment start`
struct ExperimentStartCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Write down what is to be compared, and how.",
        discussion: """
            Compares the primary version with all others that answer, from now on. \(MetricPlanArgument.explanation)

            Examples of metrics:
              resolved                       0 or 1, more is better
              stars:1..5:margin=0.1          from 1 to 5; a tenth of a star does not matter
              cost:unbounded:lower           any number, less is better
              gateway.latency:margin=0.2     seconds, less is better; as a guardrail, 0.2 more are accepted
            """
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: ArgumentHelp("What decides.", valueName: "metric"), transform: MetricPlanArgument.parse)
    var goal: MetricPlanArgument

    @Option(
        help: ArgumentHelp("What must not get worse. Can be given several times.", valueName: "metric"),
        transform: MetricPlanArgument.parse
    )
    var guardrail: [MetricPlanArgument] = []

    @Option(help: "How often, at most, anything that is said may be wrong; 0.05 where absent.")
    var alpha: Double?

    @Option(help: "Outcomes that each version must have before it is decided; 100 where absent.")
    var minimum: Int64?

    @Option(help: "Outcomes of each version for which the test is made; a rough guess. 5000 where absent.")
    var tightestAt: Int64?

    @Option(help: "The arm that others are compared with; the primary one where absent.")
    var baseline: String?

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let request = ExperimentRequest(
            goal: self.goal.plan,
            guardrails: self.guardrail.isEmpty ? nil : self.guardrail.map(\.plan),
            alpha: self.alpha,
            minimumSample: self.minimum,
            tightestAt: self.tightestAt,
            baseline: self.baseline,
            reason: self.reason
        )
        let report = try await client.startExperiment(request, inDeployment: self.deployment)
        try self.output.show(report) { report, screen in ExperimentView.report(report, of: self.deployment, &screen) }
    }
}

/// `martlet experiment show`
struct ExperimentShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what an experiment says by now; look as often as you like."
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "Which experiment; the newest where absent.")
    var number: Int64?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let report = try await client.experiment(self.number, inDeployment: self.deployment)
        try self.output.show(report) { report, screen in ExperimentView.report(report, of: self.deployment, &screen) }
    }
}

/// `martlet experiment stop`
struct ExperimentStopCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "End the experiment that is under way, and write its verdict down.",
        discussion: "Which versions serve stays as it is. Outcomes that come later change nothing."
    )

    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let request = ExperimentStopRequest(reason: self.reason)
        let report = try await client.stopExperiment(inDeployment: self.deployment, request)
        try self.output.show(report) { report, screen in ExperimentView.report(report, of: self.deployment, &screen) }
    }
}
