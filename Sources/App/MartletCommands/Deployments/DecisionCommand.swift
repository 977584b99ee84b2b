import ArgumentParser
import MartletClient
import MartletWire

/// `martlet decision`
struct DecisionCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "decision",
        abstract: "Say which version made a decision, what it is made of, and prove it.",
        discussion: """
            The id is what the answer's header Martlet-Decision says. The proof of the version is fetched and checked; \
            'martlet audit proof' takes it home.
            """
    )

    @Argument(help: "The decision's id.")
    var id: String

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let decision = try await client.decision(self.id)
        guard !self.output.json else { return print(try OutputOptions.text(decision)) }
        let version = try await client.version(digest: decision.arm.digest)
        let reference = VersionReference(model: version.model, number: version.number)
        let lineage = try await client.lineage(of: reference)
        let proof = try await client.proof(of: reference)
        try ProofVerifier.verify(proof, publicKey: proof.publicKey)
        guard proof.digest == decision.arm.digest else {
            throw MartletClientError(.integrity, "the proof is of another version than the one that decided")
        }
        try self.output.show(decision) { decision, screen in
            DecisionView.decision(decision, version, &screen)
            LineageView.tree(lineage, &screen)
            screen.line(
                .good("proved: "),
                "the version is entry \(proof.index) of \(proof.treeSize) in the ledger, signed by \(proof.publicKey)"
            )
            screen.line(.faint("that it served is entry \(decision.ledgerEntry)"))
        }
    }
}

/// How decisions look.
enum DecisionView {
    static func decision(_ decision: DecisionRecord, _ version: VersionRecord, _ screen: inout Screen) {
        screen.line(.strong(VersionView.name(version)), " decided, as \(decision.arm.role) in \(decision.deployment)")
        let failure = decision.failure.map { " (\($0))" } ?? ""
        var rows: [[Cell]] = [
            ["at", "\(decision.at)"],
            ["revision", "\(decision.revision) of \(decision.deployment), arm \(decision.arm.name)"],
            ["status", "\(decision.status)\(failure), after \(Self.milliseconds(decision)) ms"],
            ["version", "sha256:\(decision.arm.digest)"],
            ["request", "sha256:\(decision.requestSha256)"],
            ["answer", "\(decision.answerSha256.map { "sha256:\($0)" } ?? "none, or not a whole one")"],
        ]
        if let subject = decision.subject { rows.append(["subject", "\(subject)"]) }
        if let original = decision.shadowOf { rows.append(["copy of", "\(original)"]) }
        for outcome in decision.outcomes {
            rows.append(["outcome", "\(outcome.metric) = \(Amount.value(outcome.value)), by \(outcome.actor)"])
        }
        screen.table(nil, rows, indent: 2)
    }

    private static func milliseconds(_ decision: DecisionRecord) -> String {
        Amount.value(Double(decision.latencyMicroseconds / 100) / 10)
    }
}
