import MartletCore
import MartletJSON
import MartletProofs
public import MartletWire

extension ProofVerifier {
    private static let decisionFormat = "martlet-decision-proof/1"

    /// Throws ``MartletClientError/Code/integrity`` unless the proof holds; the message says which part does not.
    ///
    /// - Parameters:
    ///   - bundle: What ``MartletClient/proof(ofDecision:)`` returned.
    ///   - publicKey: The ledger's, as `name+hash+key`. Take it from somebody you trust, not from the bundle.
    public static func verify(_ bundle: DecisionProofBundle, publicKey: String) throws(MartletClientError) {
        try self.check(format: bundle.format, is: self.decisionFormat)
        let inclusion = LedgerInclusion(
            entry: bundle.entry,
            index: bundle.entryIndex,
            treeSize: bundle.treeSize,
            path: bundle.inclusion,
            checkpoint: bundle.checkpoint
        )
        try self.check(inclusion, publicKey: publicKey) { entry throws(MartletClientError) in
            guard entry["action"]?.string == "deployment.seal" else {
                throw self.refusal("the entry seals no decisions")
            }
            guard let deployment = self.json(bundle.record)?["deployment"]?.string,
                entry["deployment"]?.string == deployment
            else { throw self.refusal("the entry is about another deployment than the record") }
            guard self.seals(bundle, entry) else {
                throw self.refusal("the record is none of those that the entry sealed")
            }
        }
    }

    private static func seals(_ bundle: DecisionProofBundle, _ entry: JSONValue) -> Bool {
        guard entry["count"]?.integer == bundle.count,
            let root = entry["root"]?.string.flatMap({ Hexadecimal.bytes($0) }).flatMap(MerkleHash.init(bytes:))
        else { return false }
        let leaf = MerkleHash(leaf: bundle.record.utf8)
        return self.proves(leaf, at: bundle.index, size: UInt64(clamping: bundle.count), root: root, bundle.path)
    }
}
