import ArgumentParser
import MartletClient
import MartletCore
import MartletWire

/// `martlet rollout`
struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Let a version take over a deployment in steps.",
        discussion: """
            Examples:
              martlet rollout support-bot iris@2.5.0 --url http://10.0.0.8:8080 --steps 1%,10%,50%,100% --every 10m
              martlet rollout support-bot iris@2.5.0 --url http://10.0.0.8:8080 --start 2026-12-01T09:00Z
              martlet rollout show support-bot
            """,
        subcommands: [Start.self, Show.self, Pause.self, Resume.self, Abort.self],
        defaultSubcommand: Start.self
    )

    /// `martlet rollout DEPLOYMENT VERSION`
    struct Start: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Begin, now or later.")

        @Argument(help: "The deployment.")
        var deployment: String

        @Argument(help: VersionReference.help, transform: VersionReference.parse)
        var version: VersionReference

        @Option(help: "Where the version answers.")
        var url: String?

        @Option(help: "What the arm is called; as in iris@2.4.1 where absent.")
        var name: String?

        @Option(help: ArgumentHelp("Its shares, one after the other.", valueName: "share,share"))
        var steps = "100%"

        @Option(help: ArgumentHelp("How long each step lasts at least, as in 10m.", valueName: "time"))
        var every = "10m"

        @Option(
            help: ArgumentHelp(
                "How many requests it must have answered in a step; 20 where absent.",
                valueName: "count"
            )
        )
        var atLeast: Int64?

        @Option(help: "When to begin, as in 2026-12-01T09:00Z; at once where absent.", transform: Moment.parse)
        var start: Moment?

        @Option(
            help: ArgumentHelp(
                "As for deploy, in place of the deployment's own; those where absent. Can be given several times.",
                valueName: "condition"
            )
        )
        var when: [String] = []

        @Option(help: "Why.")
        var reason: String?

        @OptionGroup var output: OutputOptions
        @OptionGroup var connection: ConnectionOptions

        func validate() throws {
            // What cannot be meant is said with how this command is used.
            _ = try self.request()
        }

        func run(_ client: MartletClient) async throws {
            let rollout = try await client.beginRollout(try self.request(), ofDeployment: self.deployment)
            try self.output.show(rollout, RolloutView.rollout)
        }

        private func request() throws -> RolloutRequest {
            let steps = try self.steps.split(separator: ",").map { text in
                guard let share = ShareArgument(argument: String(text)) else {
                    throw ValidationError("'\(text)' is no share: write 1%,10%,100%")
                }
                return share.partsPerMillion
            }
            guard let every = try? TimeSpan(validating: self.every) else {
                throw ValidationError("'\(self.every)' is no length of time: write 30s, 10m or 1h")
            }
            return RolloutRequest(
                model: self.version.model,
                version: self.version.version,
                name: self.name,
                url: self.url,
                steps: steps,
                everyMs: every.milliseconds,
                atLeast: self.atLeast,
                start: self.start?.text,
                conditions: self.when.isEmpty ? nil : self.when == ["none"] ? [] : self.when,
                reason: self.reason
            )
        }
    }

    /// `martlet rollout show`
    struct Show: ClientCommand {
        static let configuration = CommandConfiguration(abstract: "Show how far the newest one is.")

        @Argument(help: "The deployment.")
        var deployment: String

        @OptionGroup var output: OutputOptions
        @OptionGroup var connection: ConnectionOptions

        func run(_ client: MartletClient) async throws {
            try self.output.show(try await client.rollout(ofDeployment: self.deployment), RolloutView.rollout)
        }
    }

    /// `martlet rollout pause`
    struct Pause: RolloutActCommand {
        static let configuration = CommandConfiguration(abstract: "Take no more steps until it is resumed.")
        static let act = MartletClient.RolloutAct.pause
        @OptionGroup var options: RolloutActOptions
    }

    /// `martlet rollout resume`
    struct Resume: RolloutActCommand {
        static let configuration = CommandConfiguration(abstract: "Go on with what was paused.")
        static let act = MartletClient.RolloutAct.resume
        @OptionGroup var options: RolloutActOptions
    }

    /// `martlet rollout abort`
    struct Abort: RolloutActCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take no more steps; what serves stays as it is."
        )
        static let act = MartletClient.RolloutAct.abort
        @OptionGroup var options: RolloutActOptions
    }
}

/// What pausing, resuming and aborting are told.
struct RolloutActOptions: ParsableArguments {
    @Argument(help: "The deployment.")
    var deployment: String

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions
}

/// A command that does something with a roll-out that is under way.
protocol RolloutActCommand: ClientCommand {
    static var act: MartletClient.RolloutAct { get }
    var options: RolloutActOptions { get }
}

extension RolloutActCommand {
    var connection: ConnectionOptions { self.options.connection }

    func run(_ client: MartletClient) async throws {
        let (name, reason) = (self.options.deployment, self.options.reason)
        let rollout = try await client.rollout(ofDeployment: name, Self.act, reason: reason)
        try self.options.output.show(rollout, RolloutView.rollout)
    }
}
