import ArgumentParser
import MartletClient
import MartletWire

/// `martlet alias`
struct AliasCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alias",
        abstract: "Point names at versions.",
        subcommands: [AliasSetCommand.self, AliasRemoveCommand.self, AliasListCommand.self]
    )
}

/// `martlet alias set`
struct AliasSetCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Point an alias at a version.",
        discussion: "Example: martlet alias set iris@1.2.0 champion"
    )

    @Argument(help: VersionReference.help, transform: VersionReference.parse)
    var version: VersionReference

    @Argument(help: "The alias.")
    var alias: String

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try await client.setAlias(self.alias, to: self.version)
        OutputOptions.line(.good("\(self.version.model)@\(self.alias)"), " is \(self.version) now")
    }
}

/// `martlet alias remove`
struct AliasRemoveCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Remove an alias.")

    @Argument(help: "The model.")
    var model: String

    @Argument(help: "The alias.")
    var alias: String

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try await client.removeAlias(self.alias, ofModel: self.model)
        OutputOptions.line(.good("removed "), "\(self.alias) of \(self.model)")
    }
}

/// `martlet alias list`
struct AliasListCommand: ClientCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the aliases of a model.")

    @Argument(help: "The model.")
    var model: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        try self.output.show(try await client.model(self.model)) { model, screen in
            if model.aliases.isEmpty { screen.line("\(model.name) has no aliases") }
            screen.table(["ALIAS", "NUMBER"], ModelView.aliases(model))
        }
    }
}
