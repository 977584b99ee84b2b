import Crypto
import MartletCore

/// The SHA-256 of a leaf or of a node of a Merkle tree (RFC 6962, section 2.1).
///
/// Leaves and nodes are hashed with different first bytes, so that none can be taken for the other.
package struct MerkleHash: Sendable, Hashable {
    package static let byteCount = 32

    /// Of a tree without leaves.
    package static let empty = MerkleHash(SHA256.hash(data: [UInt8]()))

    /// ``byteCount`` of them.
    package let bytes: [UInt8]

    /// Returns `nil` unless there are ``byteCount`` bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Hashes an entry.
    package init(leaf entry: some Sequence<UInt8>) {
        self.init(SHA256.hash(data: [0] + entry))
    }

    /// Hashes what is above two nodes.
    package init(_ left: MerkleHash, _ right: MerkleHash) {
        self.init(SHA256.hash(data: [1] + left.bytes + right.bytes))
    }

    private init(_ digest: SHA256.Digest) {
        self.bytes = Array(digest)
    }
}

extension MerkleHash: CustomStringConvertible {
    package var description: String { Hexadecimal.string(self.bytes) }
}
