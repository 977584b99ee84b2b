import MartletCore
import MartletJSON
import MartletProofs
import MartletWire

/// What a proof says of an entry: that it is in a ledger that somebody has signed.
struct LedgerInclusion {
    /// The entry's bytes, as text.
    let entry: String
    let index: Int64
    let treeSize: Int64
    /// Hashes in Base64, from the entry up.
    let path: [String]
    let checkpoint: String
}

extension ProofVerifier {
    private static let depthMax = 64

    static func check(format: String, is known: String) throws(MartletClientError) {
        guard format == known else {
            throw MartletClientError(.invalidArgument, "'\(format)' is not a format of proofs that is known here")
        }
    }

    /// - Parameter demand: Throws unless the entry is one that will do.
    static func check(
        _ inclusion: LedgerInclusion,
        publicKey: String,
        _ demand: (JSONValue) throws(MartletClientError) -> Void
    ) throws(MartletClientError) {
        let verifier: NoteVerifier
        do { verifier = try NoteVerifier(publicKey) } catch {
            throw MartletClientError(.invalidArgument, error.message)
        }
        let body = Array(inclusion.entry.utf8)
        guard let facts = LedgerEntryFacts(body), let entry = self.json(inclusion.entry) else {
            throw self.refusal("the entry is no entry of a ledger")
        }
        guard Int64(clamping: facts.index) == inclusion.index else {
            throw self.refusal("the entry says that it is another one than \(inclusion.index)")
        }
        try demand(entry)
        let checkpoint = try self.checkpoint(inclusion, verifier)
        let isProven = self.proves(
            MerkleHash(leaf: body),
            at: inclusion.index,
            size: checkpoint.size,
            root: checkpoint.root,
            inclusion.path
        )
        guard isProven else { throw self.refusal("the checkpoint does not include the entry") }
    }

    private static func checkpoint(
        _ inclusion: LedgerInclusion,
        _ verifier: NoteVerifier
    ) throws(MartletClientError) -> Checkpoint {
        // Why it is none makes no difference.
        guard let note = try? SignedNote(parsing: inclusion.checkpoint), let checkpoint = try? Checkpoint(note.text)
        else {
            throw self.refusal("the checkpoint is no signed note")
        }
        guard note.isSigned(by: verifier) else {
            throw self.refusal("the checkpoint does not bear the signature of '\(verifier.text)'")
        }
        guard Int64(clamping: checkpoint.size) == inclusion.treeSize else {
            throw self.refusal("the checkpoint is of \(checkpoint.size) entries instead of \(inclusion.treeSize)")
        }
        return checkpoint
    }

    /// - Parameter path: In Base64.
    static func proves(
        _ leaf: MerkleHash,
        at index: Int64,
        size: UInt64,
        root: MerkleHash,
        _ path: [String]
    ) -> Bool {
        let hashes = path.compactMap { Base64.bytes($0).flatMap(MerkleHash.init(bytes:)) }
        guard hashes.count == path.count, index >= 0 else { return false }
        return MerkleProof.provesInclusion(of: leaf, at: UInt64(index), size: size, root: root, hashes)
    }

    /// `nil` for what is no JSON; why makes no difference.
    static func json(_ text: String) -> JSONValue? {
        (try? JSONDocument(parsing: Array(text.utf8), depthMax: self.depthMax))?.root
    }

    static func refusal(_ reason: String) -> MartletClientError {
        MartletClientError(.integrity, "the proof does not hold: \(reason)")
    }
}
