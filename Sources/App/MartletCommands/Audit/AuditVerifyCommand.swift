import ArgumentParser
import MartletClient
import MartletCore

/// `martlet audit verify`
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that nothing in the ledger was edited, dropped, reordered, replayed or cut off.",
        discussion: """
            Checks the ledger of a server, or that of an exported file without any server. What was seen of a server \
            is remembered in ~/.config/martlet, so that entries that are cut off later are missed.

            Ends with 0 when everything is as it was written, with 1 otherwise.
            """
    )

    @Argument(help: "A file of 'martlet audit export'.")
    var file: String?

    @Option(help: "The public key of the ledger, or a file with it. Without it, the ledger's own word is believed.")
    var key: String?

    @Option(help: ArgumentHelp("A signed note from an earlier time. Can be repeated.", valueName: "file"))
    var checkpoint: [String] = []

    @Flag(help: "Neither use nor change what is remembered.")
    var forgetful = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let report = try await CommandFailure.reporting {
            let notes = try self.checkpoint.flatMap { CheckpointNotes.split(try TextFile.read($0)) }
            let key = try self.key.map(PublicKey.read)
            if let file { return try await Self.verify(file, key, notes) }
            return try await self.connection.withClient { try await self.verify($0, key, notes) }
        }
        try self.output.show(LedgerReportMessage(report), LedgerReportMessage.show)
        if !report.isSound { throw CommandFailure.refused }
    }

    private static func verify(_ path: String, _ key: String?, _ notes: [String]) async throws -> LedgerReport {
        let ledger = try await LedgerFile(path: path)
        if key == nil { Self.warn(ledger.publicKey) }
        return try await ledger.verify(publicKey: key ?? ledger.publicKey, checkpoints: notes)
    }

    private func verify(_ client: MartletClient, _ key: String?, _ notes: [String]) async throws -> LedgerReport {
        let registry = self.connection.registryName
        let ledger = try await LiveLedger(of: client)
        let remembered = self.forgetful ? nil : try RememberedLedger.load(registry)
        if let remembered, remembered.publicKey != ledger.publicKey {
            Self.note("the key is \(ledger.publicKey) now; it was \(remembered.publicKey) at the last visit")
        }
        let trusted = key ?? remembered?.publicKey
        if trusted == nil { Self.warn(ledger.publicKey) }
        let earlier = remembered.map { [$0.checkpoint] } ?? []
        let report = try await ledger.verify(
            publicKey: trusted ?? ledger.publicKey,
            checkpoints: earlier + notes
        )
        if report.isSound, !self.forgetful {
            let seen = RememberedLedger(publicKey: trusted ?? ledger.publicKey, checkpoint: ledger.checkpoint)
            try seen.save(registry)
        }
        return report
    }

    private static func note(_ text: String) {
        ErrorOutput.line(Style.printable("note: \(text)"))
    }

    private static func warn(_ key: String) {
        self.note("believing that the key is \(key); name the one you trust with --key")
    }
}

/// A report as `--json` prints it.
struct LedgerReportMessage: Codable, Sendable {
    struct Finding: Codable, Sendable {
        var kind: String
        var entry: Int64?
        var message: String
    }

    var sound: Bool
    var entries: Int64
    var checkpoints: Int
    var proven: Int64
    var root: String?
    var findings: [Finding]

    init(_ report: LedgerReport) {
        self.sound = report.isSound
        self.entries = report.entryCount
        self.checkpoints = report.checkpointCount
        self.proven = report.provenCount
        self.root = report.root
        self.findings = report.findings.map {
            Finding(kind: $0.kind.description, entry: $0.entry, message: $0.message)
        }
    }

    static func show(_ report: LedgerReportMessage, _ screen: inout Screen) {
        for finding in report.findings { screen.line(.bad("not sound: "), Cell(finding.message)) }
        guard report.sound else { return }
        let entries =
            report.entries == 1 ? "the one entry is as it was" : "all \(report.entries) entries are as they were"
        let agree =
            "\(Amount.count(report.checkpoints, "signed checkpoint")) agree\(report.checkpoints == 1 ? "s" : "")"
        screen.line(.good("sound: "), "\(entries) written, and \(agree)")
        if let root = report.root { screen.line(.faint("root \(root)")) }
        let unproven = report.entries - report.proven
        if unproven > 0 { screen.line(.warning("no checkpoint vouches for the last \(unproven) of them")) }
    }
}
