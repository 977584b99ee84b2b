package import ArgumentParser
import MartletServer

/// `martlet`
package struct MartletCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "The registry that remembers every version of your models.",
        discussion: """
            A version is written MODEL@VERSION: iris@1.2.0, iris@4, iris@^1, iris@production, iris@sha256:DIGEST.
            Exit codes: 0 done, 1 refused or not as it should be, 64 wrong usage, 69 no server.
            """,
        version: MartletVersion.text,
        subcommands: [BackendCommand.self],
        groupedSubcommands: [
            CommandGroup(name: "Server", subcommands: [ServeCommand.self, DoctorCommand.self, CopyCommand.self]),
            CommandGroup(
                name: "Versions",
                subcommands: [
                    PushCommand.self, PullCommand.self, ListCommand.self, ShowCommand.self, VersionsCommand.self,
                    DiffCommand.self, BestCommand.self, NoteCommand.self, AliasCommand.self, CaptureCommand.self,
                    SealCommand.self,
                ]
            ),
            CommandGroup(
                name: "Stages",
                subcommands: [
                    GateCommand.self, PromoteCommand.self, RollbackCommand.self, ApproveCommand.self,
                    PolicyCommand.self,
                ]
            ),
            CommandGroup(
                name: "Production",
                subcommands: [
                    DeployCommand.self, DeploymentsCommand.self, UndeployCommand.self, RolloutCommand.self,
                    BackendsCommand.self, TrafficCommand.self, DecisionCommand.self, DecisionsCommand.self,
                    OutcomesCommand.self, ExperimentCommand.self, ExperimentsCommand.self, DriftCommand.self,
                    WebhookCommand.self,
                ]
            ),
            CommandGroup(
                name: "History",
                subcommands: [HistoryCommand.self, LineageCommand.self, AuditCommand.self]
            ),
            CommandGroup(
                name: "Removal",
                subcommands: [DeleteCommand.self, RestoreCommand.self, PurgeCommand.self, HoldCommand.self]
            ),
        ]
    )

    package init() {}
}
