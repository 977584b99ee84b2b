import ArgumentParser
import MartletSupervisor

/// `martlet backend`: what a server has this program do for the processes that it runs. Nobody else calls it.
struct BackendCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backend",
        abstract: "What a server calls for the processes that it runs.",
        shouldDisplay: false,
        subcommands: [Launch.self, Reap.self]
    )

    /// `martlet backend launch`
    struct Launch: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "launch",
            abstract: "Become another program, with limits."
        )

        @Option(help: "How many files it may have open.")
        var openFiles: Int

        @Option(help: "How much it gives way to others.")
        var niceness: Int

        @Argument(parsing: .postTerminator, help: "The program and its arguments.")
        var command: [String]

        func run() throws {
            guard let program = self.command.first else { throw ValidationError("which program?") }
            let limits = ProcessLimits(openFilesMax: self.openFiles, niceness: self.niceness)
            ErrorOutput.line(limits.become(program, Array(self.command.dropFirst())))
            // What a shell says of a program that cannot be run.
            throw ExitCode(127)
        }
    }

    /// `martlet backend reap`
    struct Reap: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reap",
            abstract: "Wait for the end of the input, and end the processes of a server."
        )

        @Argument(help: "What the processes are marked with.")
        var mark: String

        func run() { BackendReaper.stand(for: self.mark) }
    }
}
