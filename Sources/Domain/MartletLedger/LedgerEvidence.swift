package import MartletProofs

/// An entry, and what proves that it is in the ledger.
package struct LedgerEvidence: Sendable {
    package let entry: LedgerEntry
    /// Of the ledger that the checkpoint is about.
    package let size: Int64
    /// From the entry up.
    package let path: [MerkleHash]
    /// A signed note.
    package let checkpoint: String
}
