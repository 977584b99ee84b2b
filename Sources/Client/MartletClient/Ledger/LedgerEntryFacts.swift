import MartletCore
import MartletJSON
import MartletProofs

/// What an entry says of its place in the ledger.
struct LedgerEntryFacts: Sendable {
    private static let depthMax = 64

    let index: UInt64
    /// The leaf hash of the entry before; zeros for the first.
    let previous: [UInt8]
    /// The key that the ledger is signed with from here on, in an entry that says so.
    let publicKey: String?

    static let noPrevious = [UInt8](repeating: 0, count: MerkleHash.byteCount)

    /// Returns `nil` for bytes that are no entry.
    init?(_ body: [UInt8]) {
        // Why it is no entry makes no difference.
        guard let root = (try? JSONDocument(parsing: body, depthMax: Self.depthMax))?.root,
            let index = root["index"]?.integer, index >= 0,
            let previous = root["previous"]?.string.flatMap({ Hexadecimal.bytes($0) }),
            previous.count == MerkleHash.byteCount
        else { return nil }
        self.index = UInt64(index)
        self.previous = previous
        self.publicKey = root["action"]?.string == "ledger.key" ? root["publicKey"]?.string : nil
    }
}
