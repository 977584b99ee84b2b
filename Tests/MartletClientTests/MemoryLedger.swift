import Crypto
import MartletCore
import MartletJSON
import MartletProofs

/// A ledger in memory, written as the server writes it, with a key to sign it.
struct MemoryLedger {
    static let origin = "martlet.test/ledger"

    let signer: NoteSigner
    private(set) var bodies: [[UInt8]] = []
    private var nodes: [MerkleNode: MerkleHash] = [:]

    init(entries count: Int = 0) throws {
        self.signer = try NoteSigner(name: Self.origin, privateKey: NoteSigner.makePrivateKey())
        for index in 0..<count { self.append(["action": "note.\(index)"]) }
    }

    var publicKey: String { self.signer.verifier.text }
    var leaves: [MerkleHash] { self.bodies.map { MerkleHash(leaf: $0) } }

    mutating func append(_ details: [String: String]) {
        let previous = self.bodies.last.map { MerkleHash(leaf: $0).description } ?? String(repeating: "0", count: 64)
        self.append(body: Self.body(index: self.bodies.count, previous: previous, details))
    }

    private mutating func append(body: [UInt8]) {
        let index = UInt64(self.bodies.count)
        self.bodies.append(body)
        for node in MerkleNode.completed(byAppendingTo: index) {
            if node.level == 0 {
                self.nodes[node] = MerkleHash(leaf: body)
            } else if let left = self.nodes[MerkleNode(level: node.level - 1, index: node.index * 2)],
                let right = self.nodes[MerkleNode(level: node.level - 1, index: node.index * 2 + 1)]
            {
                self.nodes[node] = MerkleHash(left, right)
            }
        }
    }

    func tree(_ size: Int? = nil) -> MerkleTree {
        MerkleTree(size: UInt64(size ?? self.bodies.count)) { node throws(MartletError) in
            guard let hash = self.nodes[node] else { throw MartletError(.internal, "there is no such node") }
            return hash
        }
    }

    /// A signed note of what the ledger was when it had `size` entries.
    func checkpoint(_ size: Int? = nil, origin: String = Self.origin, by signer: NoteSigner? = nil) throws -> String {
        let tree = self.tree(size)
        let checkpoint = Checkpoint(origin: origin, size: tree.size, root: try tree.root())
        return try SignedNote(checkpoint.text, by: signer ?? self.signer).note
    }

    /// The bodies as a forger would write them who changes an entry and makes all later ones fit.
    func rewritten(from index: Int) -> [[UInt8]] {
        var forged = Array(self.bodies.prefix(index))
        for place in index..<self.bodies.count {
            let previous = forged.last.map { MerkleHash(leaf: $0).description } ?? String(repeating: "0", count: 64)
            forged.append(Self.body(index: place, previous: previous, ["action": "forged"]))
        }
        return forged
    }

    /// An entry with other contents.
    static func body(index: Int, previous: String, _ details: [String: String]) -> [UInt8] {
        var members: [CanonicalJSON.Member] = [
            .init("actor", .string("ada")), .init("at", .string("2026-05-03T14:00:00.000Z")),
            .init("index", CanonicalJSON(Int64(index))), .init("previous", .string(previous)),
        ]
        for (name, value) in details where name != "version" { members.append(.init(name, .string(value))) }
        if let version = details["version"].flatMap({ Int64($0) }) {
            members.append(.init("version", CanonicalJSON(version)))
        }
        if details["model"] == nil { members.append(.init("model", .string("iris"))) }
        return CanonicalJSON.object(members).bytes
    }
}
