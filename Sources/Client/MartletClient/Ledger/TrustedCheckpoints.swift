import MartletCore
import MartletProofs

/// The checkpoints of a ledger whose signatures are good, and findings about the others.
struct TrustedCheckpoints: Sendable {
    /// Roots by size: what the ledger's owner signed for.
    private(set) var roots: [UInt64: MerkleHash] = [:]
    private(set) var findings: [LedgerFinding] = []
    private(set) var count = 0

    init(_ notes: [String], verifier: NoteVerifier, origin: String?) {
        for (number, note) in notes.enumerated() {
            if let reason = self.add(note, verifier, origin) {
                let message = "checkpoint \(number + 1) of \(notes.count) is forged: \(reason)"
                self.findings.append(LedgerFinding(kind: .forgedCheckpoint, entry: nil, message: message))
            }
        }
    }

    /// The largest size that was signed for.
    var sizeMax: UInt64 { self.roots.keys.max() ?? 0 }

    /// Returns why a note cannot be trusted.
    private mutating func add(_ note: String, _ verifier: NoteVerifier, _ origin: String?) -> String? {
        // Why it is none makes no difference.
        guard let signed = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(signed.text) else {
            return "it is no signed note"
        }
        guard signed.isSigned(by: verifier) else {
            return "it does not bear the signature of '\(verifier.text)'"
        }
        guard origin == nil || checkpoint.origin == origin else {
            return "it is of another ledger, '\(checkpoint.origin)'"
        }
        let known = self.roots[checkpoint.size]
        guard known == nil || known == checkpoint.root else {
            return "another one, signed as well, says something else of the same \(checkpoint.size) entries"
        }
        self.roots[checkpoint.size] = checkpoint.root
        self.count += 1
        return nil
    }
}
