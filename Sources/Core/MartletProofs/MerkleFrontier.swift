/// A Merkle tree that only grows: the roots of its complete subtrees, from which its own root follows.
///
/// Holds one hash for each bit of its size, however many leaves there were.
package struct MerkleFrontier: Sendable {
    package private(set) var size: UInt64 = 0
    /// The largest subtree first.
    private var roots: [MerkleHash] = []

    package init() {}

    /// Appends a leaf.
    package mutating func append(_ leaf: MerkleHash) {
        var root = leaf
        for _ in 0..<(~self.size).trailingZeroBitCount {
            if let left = self.roots.popLast() { root = MerkleHash(left, root) }
        }
        self.roots.append(root)
        self.size += 1
    }

    /// The root over all leaves.
    package var root: MerkleHash {
        guard var root = self.roots.last else { return .empty }
        for left in self.roots.dropLast().reversed() { root = MerkleHash(left, root) }
        return root
    }
}
