import MartletCore
import MartletProofs

/// A Merkle tree (RFC 6962) over a deployment's decisions of some time, of which one hash in ``blockSize`` is kept.
///
/// The leaves are the decisions' lines, in the order of their ids. Since a block is a complete subtree (but for the
/// last one, which is what remains), the tree over the roots of blocks has the same root, and the path from a leaf to
/// the top of its block goes on with the path from there.
struct DecisionTree: Sendable {
    static let blockSize = 1 << 10

    /// Some decisions in a row.
    struct Block: Sendable {
        let first: DecisionID
        let root: MerkleHash
    }

    private(set) var count: Int64 = 0
    private var complete: [Block] = []
    private var last: (first: DecisionID, leaves: MerkleFrontier)?

    mutating func append(_ line: String, of id: DecisionID) {
        var (first, leaves) = self.last ?? (id, MerkleFrontier())
        leaves.append(MerkleHash(leaf: line.utf8))
        self.count += 1
        self.last = (first, leaves)
        guard leaves.size == Self.blockSize else { return }
        self.complete.append(Block(first: first, root: leaves.root))
        self.last = nil
    }

    var blocks: [Block] {
        self.complete + (self.last.map { [Block(first: $0.first, root: $0.leaves.root)] } ?? [])
    }
}

extension [DecisionTree.Block] {
    /// The tree above the blocks.
    var tree: MerkleTree { MerkleTree(self.map(\.root)) }

    /// As they are stored: of each the id of its first decision and its root.
    var bytes: [UInt8] { self.flatMap { $0.first.bytes + $0.root.bytes } }

    /// Reads what ``bytes`` made.
    init(stored bytes: [UInt8]) throws(MartletError) {
        let size = DecisionID.byteCount + MerkleHash.byteCount
        guard bytes.count % size == 0 else { throw MartletError(.integrity, "the seal of decisions cannot be read") }
        self = stride(from: 0, to: bytes.count, by: size).compactMap { start in
            let middle = start + DecisionID.byteCount
            return MerkleHash(bytes: Array<UInt8>(bytes[middle..<start + size])).map { root in
                DecisionTree.Block(first: DecisionID(stored: Array<UInt8>(bytes[start..<middle])), root: root)
            }
        }
    }

    /// The place of the block in which a decision must be.
    func index(of id: DecisionID) -> Int? {
        self.lastIndex { $0.first <= id }
    }
}
