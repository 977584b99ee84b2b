import ArgumentParser
import MartletClient
import MartletWire

/// `martlet show`
struct ShowCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a version or a model, as it is now or as it was.",
        discussion: """
            Example: martlet show iris@production --at 2026-05-03T14:00Z

            says which version was in production then, who had put it there and why. sha256:DIGEST alone finds a \
            version of any model.
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(
        help: ArgumentHelp("Show what was then. In UTC, unless there is a zone.", valueName: "time"),
        transform: Moment.parse
    )
    var at: Moment?

    @Flag(help: "List the files of the version.")
    var files = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        if let at { return try await self.showPast(client, at) }
        switch try self.target.target() {
        case .model(let name) where name.hasPrefix("sha256:"):
            let version = try await client.version(digest: String(name.dropFirst("sha256:".count)))
            try await self.show(client, version)
        case .model(let name): try self.output.show(try await client.model(name), ModelView.facts)
        case .version(let reference): try await self.show(client, try await client.version(reference))
        }
    }

    private func show(_ client: MartletClient, _ version: VersionRecord) async throws {
        guard self.files else { return try self.output.show(version, VersionView.facts) }
        let list = try await client.files(of: VersionReference(model: version.model, number: version.number))
        try self.output.show(list) { list, screen in
            VersionView.facts(version, &screen)
            let rows: [[Cell]] = list.files.map {
                ["\($0.path)", "\($0.role)", "\(Amount.bytes($0.size))", .faint($0.sha256)]
            }
            screen.section("files", ["PATH", "ROLE", "SIZE", "SHA256"], rows)
        }
    }

    private func showPast(_ client: MartletClient, _ at: Moment) async throws {
        switch try self.target.target() {
        case .model(let name):
            try self.output.show(try await client.state(ofModel: name, at: at.text), StateView.model)
        case .version(let reference):
            let state = try await client.state(of: reference, at: at.text)
            guard let version = state.versions.first else { return }
            // It may be deleted or purged by now, and then its facts are those of the past alone.
            let record = try? await client.version(VersionReference(model: reference.model, number: version.number))
            try self.output.show(version) { version, screen in
                StateView.version(version, of: state, record, &screen)
            }
        }
    }
}
