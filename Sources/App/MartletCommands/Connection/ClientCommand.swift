import ArgumentParser
import MartletClient

/// A command that talks to a registry.
protocol ClientCommand: AsyncParsableCommand {
    var connection: ConnectionOptions { get }

    /// Whether a data folder is made when there is none.
    static var makesData: Bool { get }

    /// Does what the command is for. What is thrown becomes a line for people and a code for scripts.
    func run(_ client: MartletClient) async throws
}

extension ClientCommand {
    static var makesData: Bool { false }

    mutating func run() async throws {
        let command = self
        try await CommandFailure.reporting {
            try await command.connection.withClient(makesData: Self.makesData) { client in
                try await command.run(client)
            }
        }
    }
}
