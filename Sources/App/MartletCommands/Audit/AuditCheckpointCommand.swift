import ArgumentParser
import MartletClient

/// `martlet audit checkpoint`
struct AuditCheckpointCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Have the ledger signed as it is now, and print the signed note.",
        discussion: """
            Keep it somewhere else: 'martlet audit verify --checkpoint FILE' then finds out whether anything from \
            before was changed or removed.
            """
    )

    @Option(name: .shortAndLong, help: "Write it to this file.")
    var output: String?

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let note = try await client.checkpoint()
        if let output {
            try TextFile.write(note, to: output)
        } else {
            print(note, terminator: note.hasSuffix("\n") ? "" : "\n")
        }
    }
}
