/// Proves to a stranger that a version's manifest is what the ledger's owner signed for.
///
/// To check it: the SHA-256 of `manifest` is the digest that `entry` names; the leaf hash of `entry` (RFC 6962) with
/// `inclusion` gives the root that `checkpoint`, a signed note (C2SP tlog-checkpoint), states for `treeSize`; and its
/// signature is that of `publicKey`.
public struct ProofBundle: Codable, Sendable {
    /// `martlet-proof/1`
    public var format: String
    public var model: String
    public var number: Int64
    public var semanticVersion: String?
    /// The manifest's bytes, as text.
    public var manifest: String
    public var digest: String
    /// The bytes of the entry that registered the version, as text.
    public var entry: String
    public var index: Int64
    public var treeSize: Int64
    /// Hashes in Base64, from the leaf up.
    public var inclusion: [String]
    public var checkpoint: String
    /// As in `name+hash+key`; compare it with what the owner published.
    public var publicKey: String

    package init(
        model: String,
        number: Int64,
        semanticVersion: String?,
        manifest: String,
        digest: String,
        entry: String,
        index: Int64,
        treeSize: Int64,
        inclusion: [String],
        checkpoint: String,
        publicKey: String
    ) {
        self.format = "martlet-proof/1"
        self.model = model
        self.number = number
        self.semanticVersion = semanticVersion
        self.manifest = manifest
        self.digest = digest
        self.entry = entry
        self.index = index
        self.treeSize = treeSize
        self.inclusion = inclusion
        self.checkpoint = checkpoint
        self.publicKey = publicKey
    }
}

/// Some of the ledger's entries, in order.
public struct LedgerPage: Codable, Sendable {
    public var entries: [LedgerEntryRecord]
    /// How many entries there are.
    public var size: Int64

    package init(entries: [LedgerEntryRecord], size: Int64) {
        self.entries = entries
        self.size = size
    }
}

public struct LedgerEntryRecord: Codable, Sendable, Hashable {
    public var index: Int64
    /// The leaf's hash (RFC 6962), in hexadecimal, as it was when the entry was written.
    public var leafHash: String
    /// The entry's bytes, as text.
    public var body: String

    package init(index: Int64, leafHash: String, body: String) {
        self.index = index
        self.leafHash = leafHash
        self.body = body
    }
}

/// Hashes that prove something about the ledger.
public struct HashPath: Codable, Sendable {
    /// In Base64.
    public var hashes: [String]

    package init(hashes: [String]) {
        self.hashes = hashes
    }
}

/// What went wrong (RFC 9457, `application/problem+json`).
public struct Problem: Codable, Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// A word for programs, as in `not_found`, `conflict`, `gate_closed`.
    public var code: String
    /// One line for people.
    public var title: String
    /// The whole story.
    public var detail: String
    /// Why a transition was refused.
    public var gates: GateReport?

    package init(status: Int, code: String, title: String, detail: String, gates: GateReport? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.gates = gates
    }
}
