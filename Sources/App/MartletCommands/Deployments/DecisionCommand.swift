import ArgumentParser
import MartletClient
import MartletWire

/// `martlet decision`
struct DecisionCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "decision",
        abstract: "Say which version made a decision, what it is made of, and prove it.",
        discussion: """
            The id is what the answer's header Martlet-Decision says. The proofs of the version and of the record are \
            fetched and checked. --proof takes that of the record home, 'martlet audit proof' that of the version.
            """
    )

    @Argument(help: "The decision's id.")
    var id: String

    @Option(
        help: ArgumentHelp(
            "Write the proof of the record to this file, to be checked by audit proof.",
            valueName: "file"
        )
    )
    var proof: String?

    @Flag(help: "Show what was asked and answered, if that was kept.")
    var payload = false

    @OptionGroup var output: OutputOptions
    @OptionGroup var connection: ConnectionOptions

    func run(_ client: MartletClient) async throws {
        let decision = try await client.decision(self.id)
        let recordProof = try await Self.recordProof(self.id, client, isRequired: self.proof != nil)
        if let path = self.proof, let recordProof {
            try TextFile.write(try OutputOptions.text(recordProof) + "\n", to: path)
        }
        guard !self.output.json else { return print(try OutputOptions.text(decision)) }
        let payload = self.payload ? try await client.payload(ofDecision: self.id) : nil
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
            if let payload { DecisionView.payload(payload, &screen) }
            LineageView.tree(lineage, &screen)
            screen.line(
                .good("proved: "),
                "the version is entry \(proof.index) of \(proof.treeSize) in the ledger, signed by \(proof.publicKey)"
            )
            screen.line(.faint("that it served is entry \(decision.ledgerEntry)"))
            guard let recordProof else { return screen.line(.faint("the record is not sealed yet")) }
            screen.line(
                .good("proved: "),
                "the record is one of \(recordProof.count) that entry \(recordProof.entryIndex) sealed"
            )
        }
    }

    /// Returns a proof that holds; `nil` while there is none.
    private static func recordProof(
        _ id: String,
        _ client: MartletClient,
        isRequired: Bool
    ) async throws -> DecisionProofBundle? {
        do throws(MartletClientError) {
            let proof = try await client.proof(ofDecision: id)
            try ProofVerifier.verify(proof, publicKey: proof.publicKey)
            return proof
        } catch {
            guard error.code == .conflict, !isRequired else { throw error }
            return nil
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
        if let agreement = decision.agreement { rows.append(["compared", self.agreement(agreement)]) }
        for shadow in decision.shadows {
            let agreement = self.agreement(shadow.agreement ?? "not compared").text
            rows.append(["shadow", "\(shadow.arm.name): \(agreement), status \(shadow.status), \(shadow.decision)"])
        }
        for outcome in decision.outcomes {
            rows.append(["outcome", "\(outcome.metric) = \(Amount.value(outcome.value)), by \(outcome.actor)"])
        }
        screen.table(nil, rows, indent: 2)
    }

    /// In what a shadow's answer differs from the one that was returned.
    private static func agreement(_ word: String) -> Cell {
        switch word {
        case "same": .good("the same answer")
        case "equal": .good("the same value, spelt differently or within the tolerance")
        case "different": .bad("another answer")
        case "incomparable": .warning("nobody can say whether it is the same answer")
        default: Cell(word)
        }
    }

    static func payload(_ payload: PayloadRecord, _ screen: inout Screen) {
        let rows: [[Cell]] = [
            ["asked", "\(self.body(payload.request))"], ["answered", "\(self.body(payload.answer))"],
        ]
        screen.table(nil, rows, indent: 2)
        if payload.isRedacted { screen.line(.faint("  parts of them were blacked out before they were kept")) }
    }

    private static func body(_ body: PayloadBody) -> String {
        body.text ?? body.base64.map { "\($0) (Base64)" } ?? "not kept: too long, or no JSON to black out parts of"
    }

    static func list(_ decisions: [DecisionRecord], _ screen: inout Screen) {
        guard !decisions.isEmpty else { return screen.line("no decisions") }
        let rows: [[Cell]] = decisions.map { decision in
            [
                .strong(decision.id), "\(Moment.short(decision.at))", "\(decision.arm.name)", "\(decision.status)",
                "\(Self.milliseconds(decision)) ms",
            ]
        }
        screen.table(["DECISION", "AT", "ARM", "STATUS", "TOOK"], rows)
    }

    private static func milliseconds(_ decision: DecisionRecord) -> String {
        Amount.value(Double(decision.latencyMicroseconds / 100) / 10)
    }
}
