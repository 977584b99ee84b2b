import Crypto
import MartletClient
import MartletCore
import MartletProofs
import MartletWire
import Testing

@Suite("Proofs of versions")
struct ProofVerifierTests {
    private let ledger: MemoryLedger
    private let bundle: ProofBundle

    init() throws {
        let manifest = #"{"format":"martlet-manifest/1"}"#
        let digest = Hexadecimal.string(Array(SHA256.hash(data: Array(manifest.utf8))))
        var ledger = try MemoryLedger(entries: 5)
        ledger.append(["action": "version.register", "model": "iris", "version": "4", "digest": digest])
        for index in 0..<6 { ledger.append(["action": "later.\(index)"]) }
        self.ledger = ledger
        self.bundle = ProofBundle(
            model: "iris",
            number: 4,
            semanticVersion: "1.2.0",
            manifest: manifest,
            digest: digest,
            entry: String(decoding: ledger.bodies[5], as: UTF8.self),
            index: 5,
            treeSize: 12,
            inclusion: try ledger.tree().inclusionProof(of: 5).map { Base64.string($0.bytes) },
            checkpoint: try ledger.checkpoint(),
            publicKey: ledger.publicKey
        )
    }

    private func verify(_ change: (inout ProofBundle) throws -> Void) throws {
        var bundle = self.bundle
        try change(&bundle)
        try ProofVerifier.verify(bundle, publicKey: self.ledger.publicKey)
    }

    @Test("a proof holds")
    func holds() throws {
        try self.verify { _ in }
    }

    @Test("no part of a proof can be changed")
    func changes() throws {
        let other = try MemoryLedger(entries: 12)
        let changes: [(inout ProofBundle) throws -> Void] = [
            { $0.manifest += " " }, { $0.digest = String($0.digest.reversed()) }, { $0.number = 5 },
            { $0.model = "rose" },
            { $0.entry = $0.entry.replacing("ada", with: "eve") }, { $0.index = 6 }, { $0.treeSize = 11 },
            { $0.inclusion.swapAt(0, 1) }, { $0.inclusion.removeLast() }, { $0.inclusion[0] = "?" },
            { $0.checkpoint = try other.checkpoint() }, { $0.checkpoint = try self.ledger.checkpoint(11) },
            { $0.checkpoint = "" }, { $0.format = "martlet-proof/2" },
        ]
        for (number, change) in changes.enumerated() {
            #expect(throws: MartletClientError.self, "change \(number)") { try self.verify(change) }
        }
    }

    @Test("a proof by another key does not hold, whatever it says of its own")
    func otherKey() throws {
        let other = try MemoryLedger(entries: 1)
        #expect(throws: MartletClientError.self) {
            try ProofVerifier.verify(self.bundle, publicKey: other.publicKey)
        }
    }
}
