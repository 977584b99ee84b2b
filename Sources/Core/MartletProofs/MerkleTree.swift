package import MartletCore

/// The root of a complete subtree: that over the leaves `index << level` up to `(index + 1) << level`.
package struct MerkleNode: Sendable, Hashable {
    /// 0 for a leaf.
    package let level: Int
    package let index: UInt64

    package init(level: Int, index: UInt64) {
        self.level = level
        self.index = index
    }

    /// The nodes that become complete when a leaf is appended behind `count` others, from the bottom up.
    package static func completed(byAppendingTo count: UInt64) -> [MerkleNode] {
        (0...(~count).trailingZeroBitCount).map { MerkleNode(level: $0, index: count >> UInt64($0)) }
    }
}

/// Roots and proofs of a Merkle tree whose complete subtrees are kept somewhere (RFC 6962, section 2.1).
///
/// Complete subtrees never change, so the same ones serve the tree at every size that it ever had. Each root and each
/// proof takes at most two look-ups for each level.
package struct MerkleTree {
    /// The number of leaves.
    package let size: UInt64
    private let find: (MerkleNode) throws(MartletError) -> MerkleHash

    /// - Parameter find: Looks up the root of a complete subtree.
    package init(size: UInt64, _ find: @escaping (MerkleNode) throws(MartletError) -> MerkleHash) {
        self.size = size
        self.find = find
    }

    /// A tree that is small enough to be kept as its leaves, or as complete subtrees of one size with a last one that
    /// is as large or smaller.
    package init(_ leaves: [MerkleHash]) {
        self.init(size: UInt64(leaves.count)) { node in
            let start = Int(node.index << UInt64(node.level))
            var frontier = MerkleFrontier()
            for leaf in leaves[start..<start + 1 << node.level] { frontier.append(leaf) }
            return frontier.root
        }
    }

    package func root() throws(MartletError) -> MerkleHash {
        self.size == 0 ? .empty : try self.root(of: 0..<self.size)
    }

    /// Returns what proves that a leaf is at its place in this tree.
    package func inclusionProof(of leaf: UInt64) throws(MartletError) -> [MerkleHash] {
        guard leaf < self.size else { throw .invalid("there is no entry \(leaf) in a log of \(self.size)") }
        var path: [MerkleHash] = []
        var range = 0..<self.size
        while range.upperBound - range.lowerBound > 1 {
            let (left, right) = Self.halves(of: range)
            path.append(try self.root(of: leaf < left.upperBound ? right : left))
            range = leaf < left.upperBound ? left : right
        }
        return path.reversed()
    }

    /// Returns what proves that this tree begins with all leaves of the tree that it was at `size`.
    package func consistencyProof(from size: UInt64) throws(MartletError) -> [MerkleHash] {
        guard size <= self.size else { throw .invalid("the log has \(self.size) entries and never had \(size)") }
        guard size > 0 else { return [] }
        var path: [MerkleHash] = []
        var range = 0..<self.size
        while range.upperBound != size {
            let (left, right) = Self.halves(of: range)
            path.append(try self.root(of: size <= left.upperBound ? right : left))
            range = size <= left.upperBound ? left : right
        }
        // Who asks knows the old root, but not that of a part of the old tree.
        if range.lowerBound > 0 { path.append(try self.root(of: range)) }
        return path.reversed()
    }

    /// - Parameter range: All leaves, or one of the ``halves(of:)`` of such a range.
    private func root(of range: Range<UInt64>) throws(MartletError) -> MerkleHash {
        let count = range.upperBound - range.lowerBound
        if count.nonzeroBitCount == 1 {
            let level = count.trailingZeroBitCount
            return try self.find(MerkleNode(level: level, index: range.lowerBound >> UInt64(level)))
        }
        let (left, right) = Self.halves(of: range)
        return MerkleHash(try self.root(of: left), try self.root(of: right))
    }

    /// Splits so that the left half is a complete subtree, as large as can be.
    private static func halves(of range: Range<UInt64>) -> (left: Range<UInt64>, right: Range<UInt64>) {
        let count = range.upperBound - range.lowerBound
        let middle = range.lowerBound + 1 << UInt64(63 - (count - 1).leadingZeroBitCount)
        return (range.lowerBound..<middle, middle..<range.upperBound)
    }
}
