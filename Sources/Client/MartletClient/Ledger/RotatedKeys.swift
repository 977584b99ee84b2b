import MartletCore
import MartletProofs

/// The keys that a ledger has entered into itself, and what the checkpoints say that they have signed.
///
/// A ledger's key can be exchanged; the new one is an entry. Who trusts one key trusts another only when a checkpoint
/// of the trusted one vouches for the entry that names it.
struct RotatedKeys: Sendable {
    private var keys: [(entry: UInt64, verifier: NoteVerifier)] = []
    /// The roots at the sizes of the checkpoints that the trusted key has not signed.
    private var roots: [UInt64: MerkleHash] = [0: .empty]

    /// Remembers the key that an entry names, if it names one.
    mutating func meet(_ facts: LedgerEntryFacts, at place: UInt64) {
        // What is no key signs nothing.
        if let text = facts.publicKey, let verifier = try? NoteVerifier(text) { self.keys.append((place, verifier)) }
    }

    mutating func meet(root: MerkleHash, of size: UInt64) {
        self.roots[size] = root
    }

    /// Returns what is wrong with the checkpoints of others.
    ///
    /// - Parameters:
    ///   - others: The checkpoints.
    ///   - proven: How many entries the trusted key vouches for.
    ///   - count: How many entries there are.
    func findings(_ others: [TrustedCheckpoints.Other], proven: UInt64, count: UInt64) -> [LedgerFinding] {
        others.compactMap { self.finding($0, proven, count) }
    }

    /// How many of the checkpoints were signed by a key that the trusted one vouches for.
    func trustedCount(_ others: [TrustedCheckpoints.Other], proven: UInt64) -> Int {
        others.count { other in self.keys.contains { $0.entry < proven && other.note.isSigned(by: $0.verifier) } }
    }

    private func finding(_ other: TrustedCheckpoints.Other, _ proven: UInt64, _ count: UInt64) -> LedgerFinding? {
        guard let key = self.keys.first(where: { other.note.isSigned(by: $0.verifier) }) else {
            return .forged("\(other.name) is forged: it bears the signature of no key of this ledger")
        }
        guard key.entry < proven else {
            let reason = "is signed with the key of entry \(key.entry), which the trusted key does not vouch for"
            let remedy = "if the ledger's owner confirms \(key.verifier.text), verify with that one"
            return .forged("\(other.name) \(reason); \(remedy)")
        }
        let size = other.checkpoint.size
        if size > count {
            let message = "the ledger was truncated: it has \(count) entries, and had \(size) when one was signed for"
            return LedgerFinding(kind: .truncated, entry: Int64(clamping: count), message: message)
        }
        guard self.roots[size] != other.checkpoint.root else { return nil }
        let message = "\(other.name), by another key of the ledger, was signed for other entries than the first \(size)"
        return LedgerFinding(kind: .rewritten, entry: nil, message: message)
    }
}
