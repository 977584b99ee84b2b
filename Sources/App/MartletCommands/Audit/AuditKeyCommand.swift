import ArgumentParser
import MartletClient

/// `martlet audit key`
struct AuditKeyCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Print the public key of the ledger; publish it where others can compare."
    )

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        print(Style.printable(try await client.ledgerKey()))
    }
}
