import MartletCore
import MartletProofs
import Testing

/// A log in memory that keeps its complete subtrees, as a database does.
private struct MemoryLog {
    private(set) var leaves: [MerkleHash] = []
    private var nodes: [MerkleNode: MerkleHash] = [:]

    init(_ entries: [[UInt8]] = []) {
        for entry in entries { self.append(entry) }
    }

    /// A log of so many different entries.
    init(count: Int) {
        self.init((0..<count).map { Array("entry \($0)".utf8) })
    }

    mutating func append(_ entry: [UInt8]) {
        var hash = MerkleHash(leaf: entry)
        self.leaves.append(hash)
        for node in MerkleNode.completed(byAppendingTo: UInt64(self.leaves.count - 1)) {
            if node.level > 0, let left = self.nodes[MerkleNode(level: node.level - 1, index: node.index * 2)] {
                hash = MerkleHash(left, hash)
            }
            self.nodes[node] = hash
        }
    }

    /// The tree that the log was when it had `size` entries.
    func tree(_ size: Int? = nil) -> MerkleTree {
        let nodes = self.nodes
        return MerkleTree(size: UInt64(size ?? self.leaves.count)) { node throws(MartletError) in
            guard let hash = nodes[node] else { throw MartletError(.notFound, "\(node)") }
            return hash
        }
    }
}

@Suite("Merkle trees")
struct MerkleTreeTests {
    /// Entries and roots that implementations of Certificate Transparency test themselves with.
    private static let entries: [[UInt8]] = [
        [], [0x00], [0x10], [0x20, 0x21], [0x30, 0x31], Array(0x40...0x43), Array(0x50...0x57), Array(0x60...0x6f),
    ]
    private static let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]

    @Test("roots are those of Certificate Transparency at every size", arguments: 0...8)
    func knownRoots(size: Int) throws {
        let log = MemoryLog(Self.entries)
        #expect(try log.tree(size).root().description == Self.roots[size])
    }

    @Test("every entry of every tree is proved to be in it, at its place and nowhere else")
    func inclusion() throws {
        let log = MemoryLog(count: 20)
        for size in 1...20 {
            let tree = log.tree(size)
            let root = try tree.root()
            for index in 0..<size {
                let path = try tree.inclusionProof(of: UInt64(index))
                func isProved(at place: Int, _ path: [MerkleHash]) -> Bool {
                    MerkleProof.provesInclusion(
                        of: log.leaves[index],
                        at: UInt64(place),
                        size: UInt64(size),
                        root: root,
                        path
                    )
                }
                #expect(isProved(at: index, path), "\(index) of \(size)")
                for other in 0...size where other != index { #expect(!isProved(at: other, path)) }
                #expect(!isProved(at: index, path + [root]))
                #expect(path.isEmpty || !isProved(at: index, path.dropLast()))
            }
        }
    }

    @Test("every tree is proved to begin with every smaller one, and with no other")
    func consistency() throws {
        let log = MemoryLog(count: 20)
        let forged = MemoryLog((0..<20).map { Array("entry \($0 == 2 ? 3 : $0)".utf8) })
        for newSize in 0...20 {
            let tree = log.tree(newSize)
            for oldSize in 0...newSize {
                let path = try tree.consistencyProof(from: UInt64(oldSize))
                func isProved(from old: MerkleTree, _ path: [MerkleHash]) throws -> Bool {
                    MerkleProof.provesConsistency(
                        from: old.size,
                        try old.root(),
                        to: tree.size,
                        try tree.root(),
                        path
                    )
                }
                #expect(try isProved(from: log.tree(oldSize), path), "\(oldSize) to \(newSize)")
                if oldSize > 2 { #expect(try !isProved(from: forged.tree(oldSize), path)) }
                #expect(try !isProved(from: log.tree(oldSize), path + [.empty]))
            }
        }
    }

    @Test("what was never in the log cannot be asked for")
    func outside() {
        let tree = MemoryLog(count: 3).tree()
        #expect(throws: MartletError.self) { try tree.inclusionProof(of: 3) }
        #expect(throws: MartletError.self) { try tree.consistencyProof(from: 4) }
    }

    @Test("a proof takes a few look-ups, however long the log is")
    func cost() throws {
        let size: UInt64 = 10_000_000
        var count = 0
        let tree = MerkleTree(size: size) { _ in
            count += 1
            return .empty
        }
        #expect(try tree.inclusionProof(of: 1_234_567).count == 24)
        #expect(count < 48)
    }
}
