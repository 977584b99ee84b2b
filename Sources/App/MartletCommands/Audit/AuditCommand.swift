import ArgumentParser

/// `martlet audit`
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Check the ledger of all changes, and take evidence home.",
        subcommands: [
            AuditVerifyCommand.self, AuditProofCommand.self, AuditExportCommand.self, AuditCheckpointCommand.self,
            AuditKeyCommand.self,
        ]
    )
}
