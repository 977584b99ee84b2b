import Crypto
import MartletCore
import MartletJSON
import MartletProofs
public import MartletWire

/// Checks proofs of versions, without a network and years later.
public enum ProofVerifier {
    private static let format = "martlet-proof/1"

    /// Throws ``MartletClientError/Code/integrity`` unless the proof holds; the message says which part does not.
    ///
    /// - Parameters:
    ///   - bundle: What ``MartletClient/proof(of:)`` returned.
    ///   - publicKey: The ledger's, as `name+hash+key`. Take it from somebody you trust, not from the bundle.
    public static func verify(_ bundle: ProofBundle, publicKey: String) throws(MartletClientError) {
        try self.check(format: bundle.format, is: self.format)
        guard Hexadecimal.string(Array(SHA256.hash(data: Array(bundle.manifest.utf8)))) == bundle.digest else {
            throw self.refusal("the manifest does not have the digest \(bundle.digest)")
        }
        let inclusion = LedgerInclusion(
            entry: bundle.entry,
            index: bundle.index,
            treeSize: bundle.treeSize,
            path: bundle.inclusion,
            checkpoint: bundle.checkpoint
        )
        try self.check(inclusion, publicKey: publicKey) { entry throws(MartletClientError) in
            guard entry["model"]?.string == bundle.model, entry["version"]?.integer == bundle.number else {
                throw self.refusal("the entry is about another version than \(bundle.model)@\(bundle.number)")
            }
            guard self.names(bundle.digest, entry) else {
                throw self.refusal("the entry does not name the digest \(bundle.digest)")
            }
        }
    }

    /// Whether an entry states a digest, itself or among its details.
    private static func names(_ digest: String, _ entry: JSONValue) -> Bool {
        entry["digest"]?.string == digest || entry["details"]?["digest"]?.string == digest
    }
}
