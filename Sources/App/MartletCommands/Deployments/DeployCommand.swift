import ArgumentParser
import MartletClient
import MartletWire

/// `martlet deploy`
struct DeployCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Let a version serve, or change how requests are shared out.",
        discussion: """
            What the version is called is settled once: the deployment stays with that version, whatever becomes of an \
            alias or a stage. The answer says which it is. Settings that are not named stay as they are; those that \
            can be given several times are replaced as a whole.

            Examples:
              martlet deploy support-bot iris@2.4.1 --url http://10.0.0.7:8080
              martlet deploy support-bot iris@2.5.0 --canary 10% --url http://10.0.0.8:8080
              martlet deploy support-bot --promote iris@2.5.0
            """
    )

    @Argument(help: "The deployment; it is made if there is none of that name.")
    var deployment: String

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference?

    @OptionGroup var role: RoleOptions

    @Option(help: "Where the version answers.")
    var url: String?

    @Option(help: "What the arm is called; as in iris@2.4.1 where absent.")
    var name: String?

    @Option(help: "Give all requests to an arm that is there.")
    var promote: String?

    @Option(help: "Take an arm away; the primary one gets its share.")
    var remove: String?

    @Option(help: ArgumentHelp("Give an arm another share. Can be given several times.", valueName: "arm=share"))
    var share: [String] = []

    @OptionGroup var settings: DeploymentSettingsOptions

    @Flag(help: "Do not wait until what is to answer is ready.")
    var noCheck = false

    @Flag(help: "Read all bytes of the version first, also when they are more than 2 GiB.")
    var verify = false

    @Option(help: "Why.")
    var reason: String?

    @Option(help: "Do nothing unless this revision is in force; 0 for none.")
    var expect: Int64?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        // What cannot be meant is said with how this command is used.
        _ = try self.request()
        guard self.version == nil else {
            if self.changesArms {
                throw ValidationError("one change at a time: a version, --promote, --remove or --share")
            }
            return
        }
        if try self.role.chosen().role != nil || self.url != nil || self.name != nil || self.verify {
            throw ValidationError("which version? write MODEL@VERSION behind the name of the deployment")
        }
        if !self.changesArms, try self.settings.document() == nil, !self.settings.changesDriftShareOnly {
            throw ValidationError("what is to change? 'martlet deployments \(self.deployment)' shows what is")
        }
    }

    /// Whether arms that are there shall change.
    private var changesArms: Bool { self.promote != nil || self.remove != nil || !self.share.isEmpty }

    func run(_ client: MartletClient) async throws {
        var (request, expected) = (try self.request(), self.expect)
        if self.settings.changesDriftShareOnly {
            let revision = try await client.deployment(self.deployment).revision
            request.settings = try self.settings.document(resharing: revision.settings.drift)
            expected = expected ?? revision.number
        }
        let deployment = try await client.deploy(request, to: self.deployment, ifRevisionIs: expected)
        try self.output.show(deployment) { deployment, screen in
            DeploymentView.deployment(deployment, isServed: self.connection.data == nil, &screen)
        }
    }

    private func request() throws -> DeployRequest {
        var request = DeployRequest(settings: try self.settings.document(), reason: self.reason)
        request.promote = self.promote
        request.check = self.noCheck ? false : nil
        request.verify = self.verify ? true : nil
        request.remove = self.remove
        if !self.share.isEmpty { request.shares = try ShareArgument.shares(self.share) }
        guard let version else { return request }
        let (role, share) = try self.role.chosen()
        let arm = ArmRequest(
            model: version.model,
            version: version.version,
            role: role,
            partsPerMillion: share,
            name: self.name,
            url: self.url
        )
        if role == nil { request.release = arm } else { request.add = arm }
        return request
    }
}

/// What a version is to be in a deployment.
struct RoleOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Let it prove itself with a part of the requests.", valueName: "share"),
        transform: ShareArgument.parse
    )
    var canary: ShareArgument?

    @Option(
        help: ArgumentHelp("Compare it with the primary version on a part of the requests.", valueName: "share"),
        transform: ShareArgument.parse
    )
    var challenger: ShareArgument?

    @Option(
        help: ArgumentHelp("Send it copies of a part of the requests; nobody gets its answers.", valueName: "share"),
        transform: ShareArgument.parse
    )
    var shadow: ShareArgument?

    /// The role and the share; neither for the primary version.
    func chosen() throws -> (role: String?, partsPerMillion: Int64?) {
        let chosen = [("canary", self.canary), ("challenger", self.challenger), ("shadow", self.shadow)]
            .compactMap { role, share in share.map { (role, $0.partsPerMillion) } }
        guard chosen.count <= 1 else { throw ValidationError("one of --canary, --challenger and --shadow") }
        return chosen.first.map { ($0.0, $0.1) } ?? (nil, nil)
    }
}
