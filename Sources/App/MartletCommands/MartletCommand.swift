package import ArgumentParser
import MartletServer

/// `martlet`
package struct MartletCommand: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "The registry that remembers every version of your models.",
        version: MartletVersion.text,
        subcommands: [ServeCommand.self, DoctorCommand.self]
    )

    package init() {}
}
