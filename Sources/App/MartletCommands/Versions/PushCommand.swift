import ArgumentParser
import MartletClient
import MartletWire

/// `martlet push`
struct PushCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Register a folder or a file as a new version of a model.",
        discussion: """
            Bytes that the registry has already are not sent again, so an interrupted push can simply be repeated. \
            Run inside a Git work tree, it also records the repository, the commit and whether there were changes.

            Example: martlet push ./model --name iris --metric accuracy=0.95@test.csv --dataset test.csv
            """
    )
    static var makesData: Bool { true }

    @Argument(help: "The folder, or the file.")
    var path: String

    @Option(help: "The model; made when there is none of that name.")
    var name: String

    @Option(help: "The semantic version; proposed by the registry where absent.")
    var version: String?

    @Option(help: "A dataset that it was made of: a file, or NAME#DIGEST. Can be repeated.")
    var dataset: [String] = []

    @Option(help: "NAME=VALUE, or NAME=VALUE@DATASET[#DIGEST] to say what was measured on. Can be repeated.")
    var metric: [MetricArgument] = []

    @Option(help: "A hyperparameter, NAME=VALUE. Can be repeated.")
    var param: [PairArgument] = []

    @Option(help: "A tag, KEY=VALUE. Can be repeated.")
    var tag: [PairArgument] = []

    @Option(help: "What a file is for, PATH=ROLE; found out by the registry where absent. Can be repeated.")
    var role: [PairArgument] = []

    @Option(help: "A description.")
    var description: String?

    @Option(help: "The program that made it.")
    var entryPoint: String?

    @Flag(help: "Record nothing of the Git work tree.")
    var noGit = false

    @Flag(help: "Print only MODEL@NUMBER, for scripts.")
    var reference = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let progress = ProgressLine("sent", isSilent: self.output.json || self.reference)
        defer { progress.clear() }
        let version = try await client.push(
            self.path,
            toModel: self.name,
            registration: try await self.registration(),
            roles: try PairArgument.dictionary(self.role, "--role"),
            progress: progress.show
        )
        progress.clear()
        if self.reference { return print("\(version.model)@\(version.number)") }
        try self.output.show(version) { version, screen in
            screen.line(.good("registered "), .strong(VersionView.name(version)), ", \(VersionView.seal(version.seal))")
            if let digest = version.digest { screen.line(.faint("digest sha256:\(digest)")) }
            for reason in version.semanticVersionReasons { screen.line(.faint("\(reason)")) }
        }
    }

    private func registration() async throws -> Registration {
        let datasets = try await DatasetArgument.records(self.dataset)
        var registration = Registration()
        registration.createsModel = true
        registration.semanticVersion = self.version
        registration.description = self.description
        registration.tags = try PairArgument.dictionary(self.tag, "--tag")
        registration.hyperparameters = try PairArgument.dictionary(self.param, "--param")
        registration.datasets = datasets
        registration.metrics = self.metric.map { $0.record(among: datasets) }
        registration.code = self.noGit ? nil : await WorkTree.code()
        if let entryPoint {
            registration.code = registration.code ?? CodeRecord()
            registration.code?.entryPoint = entryPoint
        }
        return registration
    }
}
