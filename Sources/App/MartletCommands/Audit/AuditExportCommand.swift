import ArgumentParser
import MartletClient
import MartletWire

/// `martlet audit export`
struct AuditExportCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write the whole ledger to a file that can be verified without a server.",
        discussion: """
            The file has one line of JSON for the ledger, one for each entry with its exact bytes, and one for each \
            checkpoint (\(LedgerFile.format)).
            """
    )

    @Option(name: .shortAndLong, help: "The file; the standard output where absent.")
    var output: String?

    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let ledger = try await LiveLedger(of: client)
        let writer = try LineWriter(path: self.output)
        writer.write(LedgerFile.headLine(origin: ledger.origin, publicKey: ledger.publicKey))
        var count: Int64 = 0
        try await ledger.forEachEntry { entry in
            writer.write(Array(entry.body.utf8))
            count += 1
        }
        let isKept = ledger.keptCheckpoints.contains(ledger.checkpoint)
        let checkpoints = ledger.keptCheckpoints + (isKept ? [] : [ledger.checkpoint])
        for note in checkpoints { writer.write(LedgerFile.checkpointLine(note)) }
        try writer.close()
        let entries = Amount.count(count, "entry", plural: "entries")
        ErrorOutput.line("exported \(entries) and \(Amount.count(checkpoints.count, "checkpoint"))")
    }
}
