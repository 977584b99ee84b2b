import Crypto
import MartletCore
import MartletJSON
import MartletProofs
public import MartletWire

/// Checks proofs of versions, without a network and years later.
public enum ProofVerifier {
    /// The only format that there is.
    static let format = "martlet-proof/1"

    /// Throws ``MartletClientError/Code/integrity`` unless the proof holds; the message says which part does not.
    ///
    /// - Parameters:
    ///   - bundle: What ``MartletClient/proof(of:)`` returned.
    ///   - publicKey: The ledger's, as `name+hash+key`. Take it from somebody you trust, not from the bundle.
    public static func verify(_ bundle: ProofBundle, publicKey: String) throws(MartletClientError) {
        guard bundle.format == self.format else {
            throw MartletClientError(
                .invalidArgument,
                "'\(bundle.format)' is not a format of proofs that is known here"
            )
        }
        let verifier: NoteVerifier
        do { verifier = try NoteVerifier(publicKey) } catch {
            throw MartletClientError(.invalidArgument, error.message)
        }
        guard Hexadecimal.string(Array(SHA256.hash(data: Array(bundle.manifest.utf8)))) == bundle.digest else {
            throw self.refusal("the manifest does not have the digest \(bundle.digest)")
        }
        try self.checkEntry(bundle)
        let checkpoint = try self.checkpoint(bundle, verifier)
        try self.checkInclusion(bundle, in: checkpoint)
    }

    private static func checkEntry(_ bundle: ProofBundle) throws(MartletClientError) {
        let body = Array(bundle.entry.utf8)
        // Why it is no entry makes no difference.
        guard let facts = LedgerEntryFacts(body), let entry = try? JSONDocument(parsing: body, depthMax: 64).root else {
            throw self.refusal("the entry is no entry of a ledger")
        }
        guard Int64(clamping: facts.index) == bundle.index else {
            throw self.refusal("the entry says that it is another one than \(bundle.index)")
        }
        guard entry["model"]?.string == bundle.model, entry["version"]?.integer == bundle.number else {
            throw self.refusal("the entry is about another version than \(bundle.model)@\(bundle.number)")
        }
        guard self.names(bundle.digest, entry) else {
            throw self.refusal("the entry does not name the digest \(bundle.digest)")
        }
    }

    /// Whether an entry states a digest, itself or among its details.
    private static func names(_ digest: String, _ entry: JSONValue) -> Bool {
        entry["digest"]?.string == digest || entry["details"]?["digest"]?.string == digest
    }

    private static func checkpoint(
        _ bundle: ProofBundle,
        _ verifier: NoteVerifier
    ) throws(MartletClientError) -> Checkpoint {
        // Why it is none makes no difference.
        guard let note = try? SignedNote(parsing: bundle.checkpoint), let checkpoint = try? Checkpoint(note.text) else {
            throw self.refusal("the checkpoint is no signed note")
        }
        guard note.isSigned(by: verifier) else {
            throw self.refusal("the checkpoint does not bear the signature of '\(verifier.text)'")
        }
        guard Int64(clamping: checkpoint.size) == bundle.treeSize else {
            throw self.refusal("the checkpoint is of \(checkpoint.size) entries instead of \(bundle.treeSize)")
        }
        return checkpoint
    }

    private static func checkInclusion(
        _ bundle: ProofBundle,
        in checkpoint: Checkpoint
    ) throws(MartletClientError) {
        let path = bundle.inclusion.compactMap { Base64.bytes($0).flatMap(MerkleHash.init(bytes:)) }
        let isProven =
            path.count == bundle.inclusion.count && bundle.index >= 0
            && MerkleProof.provesInclusion(
                of: MerkleHash(leaf: Array(bundle.entry.utf8)),
                at: UInt64(bundle.index),
                size: checkpoint.size,
                root: checkpoint.root,
                path
            )
        guard isProven else { throw self.refusal("the checkpoint does not include the entry") }
    }

    private static func refusal(_ reason: String) -> MartletClientError {
        MartletClientError(.integrity, "the proof does not hold: \(reason)")
    }
}
