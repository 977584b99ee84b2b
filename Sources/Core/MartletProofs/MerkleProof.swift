/// Checks what a log claims against roots that one trusts (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
///
/// Needs neither the log nor its entries: whoever holds a signed root and a proof can do it, years later.
package enum MerkleProof {
    /// Whether `leaf` is entry number `index` of the log that had `size` entries and this `root`.
    package static func provesInclusion(
        of leaf: MerkleHash,
        at index: UInt64,
        size: UInt64,
        root: MerkleHash,
        _ path: [MerkleHash]
    ) -> Bool {
        guard index < size else { return false }
        var (node, last) = (index, size - 1)
        var hash = leaf
        for other in path {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = MerkleHash(other, hash)
                self.skipLevelsWithoutSibling(&node, &last)
            } else {
                hash = MerkleHash(hash, other)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether the log that had `newSize` entries and `newRoot` begins with all entries of the one that had `oldSize`
    /// and `oldRoot`.
    package static func provesConsistency(
        from oldSize: UInt64,
        _ oldRoot: MerkleHash,
        to newSize: UInt64,
        _ newRoot: MerkleHash,
        _ path: [MerkleHash]
    ) -> Bool {
        guard oldSize <= newSize else { return false }
        guard oldSize < newSize else { return path.isEmpty && oldRoot == newRoot }
        guard oldSize > 0 else { return path.isEmpty && oldRoot == .empty }
        // The root of an old tree that is a complete subtree of the new one is known, and left out of the path.
        let hashes = oldSize.nonzeroBitCount == 1 ? [oldRoot] + path : path
        guard let first = hashes.first else { return false }
        var (node, last) = (oldSize - 1, newSize - 1)
        while node & 1 == 1 {
            node >>= 1
            last >>= 1
        }
        var (oldHash, newHash) = (first, first)
        for other in hashes.dropFirst() {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                oldHash = MerkleHash(other, oldHash)
                newHash = MerkleHash(other, newHash)
                self.skipLevelsWithoutSibling(&node, &last)
            } else {
                newHash = MerkleHash(newHash, other)
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && oldHash == oldRoot && newHash == newRoot
    }

    /// The last node of a level may have no sibling, and is then its own parent.
    private static func skipLevelsWithoutSibling(_ node: inout UInt64, _ last: inout UInt64) {
        while node & 1 == 0, node > 0 {
            node >>= 1
            last >>= 1
        }
    }
}
