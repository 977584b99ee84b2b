import MartletCore
import MartletProofs

/// The checkpoints of a ledger that bear the trusted key's signature, findings about those that nobody can have
/// signed, and the others, which an earlier or later key of the ledger may have signed.
struct TrustedCheckpoints: Sendable {
    /// One that the trusted key has not signed.
    struct Other: Sendable {
        /// As in `checkpoint 3 of 7`.
        let name: String
        let note: SignedNote
        let checkpoint: Checkpoint
    }

    /// Roots by size: what the ledger's owner signed for.
    private(set) var roots: [UInt64: MerkleHash] = [:]
    private(set) var others: [Other] = []
    /// The sizes of ``others``.
    private(set) var otherSizes: Set<UInt64> = []
    private(set) var findings: [LedgerFinding] = []

    init(_ notes: [String], verifier: NoteVerifier, origin: String?) {
        var seen: Set<String> = []
        let notes = notes.filter { seen.insert($0).inserted }
        for (number, note) in notes.enumerated() {
            let name = "checkpoint \(number + 1) of \(notes.count)"
            if let reason = self.add(note, name, verifier, origin) {
                self.findings.append(.forged("\(name) is forged: \(reason)"))
            }
        }
    }

    /// How many there are, of different sizes.
    var count: Int { self.roots.count }

    /// The largest size that was signed for.
    var sizeMax: UInt64 { self.roots.keys.max() ?? 0 }

    /// Returns why a note cannot be trusted, whoever signed it.
    private mutating func add(
        _ note: String,
        _ name: String,
        _ verifier: NoteVerifier,
        _ origin: String?
    ) -> String? {
        // Why it is none makes no difference.
        guard let signed = try? SignedNote(parsing: note), let checkpoint = try? Checkpoint(signed.text) else {
            return "it is no signed note"
        }
        guard origin == nil || checkpoint.origin == origin else {
            return "it is of another ledger, '\(checkpoint.origin)'"
        }
        guard signed.isSigned(by: verifier) else {
            self.others.append(Other(name: name, note: signed, checkpoint: checkpoint))
            self.otherSizes.insert(checkpoint.size)
            return nil
        }
        let known = self.roots[checkpoint.size]
        guard known == nil || known == checkpoint.root else {
            return "another one, signed as well, says something else of the same \(checkpoint.size) entries"
        }
        self.roots[checkpoint.size] = checkpoint.root
        return nil
    }
}

extension LedgerFinding {
    /// A checkpoint that is not the word of the ledger's owner.
    static func forged(_ message: String) -> LedgerFinding {
        LedgerFinding(kind: .forgedCheckpoint, entry: nil, message: message)
    }
}
