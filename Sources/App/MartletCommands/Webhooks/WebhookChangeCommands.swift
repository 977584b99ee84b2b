import ArgumentParser
import MartletClient
import MartletWire

/// `martlet webhook create`
struct WebhookCreateCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Tell somebody of what happens.")

    @Argument(help: "What it is called.")
    var name: String

    @Argument(help: "Who is called.")
    var url: String

    @Option(help: "What to tell of, as in model_version.moved. Can be given several times.")
    var event: [String] = []

    @Option(help: ArgumentHelp("A file with what messages are signed with; - for standard input.", valueName: "file"))
    var secretFile: String?

    @Option(help: "What it is for.")
    var description: String?

    @Flag(help: "Tell nothing until it is enabled.")
    var disabled = false

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if self.event.isEmpty { throw ValidationError("of what? Say --event, as in --event model_version.moved") }
    }

    func run(_ client: MartletClient) async throws {
        let creation = WebhookCreation(
            name: self.name,
            url: self.url,
            events: self.event,
            description: self.description,
            secret: try WebhookSecretFile.read(self.secretFile),
            isActive: !self.disabled
        )
        try self.output.show(try await client.createWebhook(creation, reason: self.reason), WebhookView.webhook)
    }
}

/// `martlet webhook update`
struct WebhookUpdateCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change one; what is not said stays as it is."
    )

    @Argument(help: "The webhook's id.")
    var webhook: String

    @Option(help: "What it is called.")
    var name: String?

    @Option(help: "Who is called, also with what waits.")
    var url: String?

    @Option(help: "What to tell of, in the place of what it was. Can be given several times.")
    var event: [String] = []

    @Option(help: ArgumentHelp("As for create; an empty file for no signatures.", valueName: "file"))
    var secretFile: String?

    @Option(help: "What it is for; empty for nothing.")
    var description: String?

    @Flag(help: "Tell it again, also after its receiver was gone.")
    var enable = false

    @Flag(help: "Tell nothing until it is enabled.")
    var disable = false

    @Option(help: "Why.")
    var reason: String?

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
        if self.enable, self.disable { throw ValidationError("either --enable or --disable") }
    }

    func run(_ client: MartletClient) async throws {
        let update = WebhookUpdate(
            name: self.name,
            url: self.url,
            events: self.event.isEmpty ? nil : self.event,
            description: self.description,
            secret: try WebhookSecretFile.read(self.secretFile),
            isActive: self.enable ? true : self.disable ? false : nil
        )
        let webhook = try await client.updateWebhook(self.webhook, update, reason: self.reason)
        try self.output.show(webhook, WebhookView.webhook)
    }
}

/// Where a secret comes from: not from arguments, which everybody on a machine can read.
private enum WebhookSecretFile {
    /// - Returns: Its text without the line's end.
    static func read(_ path: String?) throws -> String? {
        guard let path else { return nil }
        let text = try TextFile.readArgument(path)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }
}
