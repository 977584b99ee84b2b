import MartletCore
import MartletProofs

/// Checks a ledger, entry by entry, and finds the first one that is not as it was written.
///
/// Needs no network, and memory for one entry at a time: give it all entries in their order with ``add(_:leafHash:)``,
/// then ask for the ``report()``. Three things are compared:
/// - each entry names its place, and the hash of the entry before it, so that one which was changed, left out or moved
///   contradicts its neighbours;
/// - where the hash is given that was kept when the entry was written, its bytes must still have it;
/// - the roots that the checkpoints have signed must be those of the entries. Without a checkpoint, somebody who wrote
///   everything anew would not be noticed.
public struct LedgerVerifier: Sendable {
    private let checkpoints: TrustedCheckpoints
    private var frontier = MerkleFrontier()
    private var keys = RotatedKeys()
    private var count: UInt64 = 0
    private var phase = Phase.following(previous: nil)
    /// How many entries a checkpoint has vouched for.
    private var proven: UInt64 = 0

    private enum Phase {
        /// Everything fits so far.
        case following(previous: MerkleHash?)
        /// A checkpoint of all entries so far has another root: the next entry tells which of them is to blame.
        case contradicted(previous: MerkleHash)
        /// The last entry does not follow the one before: the next one tells whether it was changed itself.
        case unlinked(entry: UInt64, hash: MerkleHash)
        /// Another entry than `entry` is at its place: it may still come.
        case missing(entry: UInt64, standIn: LedgerEntryFacts, hash: MerkleHash)
        case concluded(LedgerFinding)
    }

    /// - Parameters:
    ///   - publicKey: The ledger's, as `name+hash+key`. Get it from somebody you trust. Checkpoints by other keys of
    ///     the ledger count where a checkpoint by this one vouches for the entry that names them.
    ///   - checkpoints: Signed notes, in any order: the more of them, the more precise the report.
    ///   - origin: The ledger's name, when it is known.
    public init(
        publicKey: String,
        checkpoints: [String],
        origin: String? = nil
    ) throws(MartletClientError) {
        do {
            let verifier = try NoteVerifier(publicKey)
            self.checkpoints = TrustedCheckpoints(checkpoints, verifier: verifier, origin: origin)
        } catch {
            throw MartletClientError(.invalidArgument, error.message)
        }
        if let root = self.checkpoints.roots[0], root != .empty {
            self.conclude(.rewritten, 0, "a checkpoint of no entries has the root of some")
        }
    }

    /// Whether more entries cannot change the report, except for their number.
    public var isConclusive: Bool {
        if case .concluded = self.phase { true } else { false }
    }

    /// Takes the next entry.
    ///
    /// - Parameters:
    ///   - body: The entry's bytes.
    ///   - leafHash: The hash that was kept when the entry was written, in hexadecimal; `nil` when it is not known.
    public mutating func add(_ body: [UInt8], leafHash: String? = nil) {
        defer { self.count += 1 }
        guard !self.isConclusive else { return }
        let hash = MerkleHash(leaf: body)
        guard let facts = LedgerEntryFacts(body) else { return self.meetGarbage() }
        let isAsKept = leafHash.map { $0 == hash.description } ?? true
        switch self.phase {
        case .following(let previous): self.follow(previous, facts, hash, isAsKept)
        case .contradicted(let previous): self.resolveContradiction(previous, facts)
        case .unlinked(let entry, let last): self.resolveUnlinked(entry, last, facts)
        case .missing(let entry, let standIn, let other): self.look(for: entry, standIn, other, facts, hash)
        case .concluded: break
        }
    }

    /// Says what was found. To be called when all entries were added.
    public func report() -> LedgerReport {
        let finding = self.finding()
        let others = self.checkpoints.others
        // After an entry that is wrong, nobody can tell which keys are the ledger's.
        let otherFindings =
            finding == nil ? self.keys.findings(others, proven: self.proven, count: self.count) : []
        return LedgerReport(
            entryCount: Int64(clamping: self.count),
            checkpointCount: self.checkpoints.count + self.keys.trustedCount(others, proven: self.proven),
            root: finding == nil ? self.frontier.root.description : nil,
            provenCount: Int64(clamping: self.proven),
            findings: (finding.map { [$0] } ?? []) + self.checkpoints.findings + otherFindings
        )
    }
}

extension LedgerVerifier {
    /// An entry while nothing has been wrong.
    private mutating func follow(
        _ previous: MerkleHash?,
        _ facts: LedgerEntryFacts,
        _ hash: MerkleHash,
        _ isAsKept: Bool
    ) {
        let place = self.count
        if facts.index > place {
            self.phase = .missing(entry: place, standIn: facts, hash: hash)
        } else if facts.index < place {
            self.conclude(.replayed, place, "entry \(facts.index) is there again, where entry \(place) should be")
        } else if !isAsKept {
            let reason = "its bytes do not have the hash that was kept when it was written"
            self.conclude(.edited, place, "entry \(place) was edited: \(reason)")
        } else if facts.previous != previous?.bytes ?? LedgerEntryFacts.noPrevious {
            self.meetUnlinked(place, hash)
        } else {
            self.keys.meet(facts, at: place)
            self.accept(hash)
        }
    }

    private mutating func accept(_ hash: MerkleHash) {
        self.frontier.append(hash)
        let size = self.frontier.size
        if self.checkpoints.otherSizes.contains(size) { self.keys.meet(root: self.frontier.root, of: size) }
        guard let root = self.checkpoints.roots[size] else { return self.phase = .following(previous: hash) }
        if root == self.frontier.root {
            self.proven = size
            self.phase = .following(previous: hash)
        } else {
            self.phase = .contradicted(previous: hash)
        }
    }

    private mutating func meetUnlinked(_ place: UInt64, _ hash: MerkleHash) {
        if place == 0 {
            self.conclude(.edited, 0, "entry 0 was edited: it claims to be written after another one")
        } else if self.proven == place {
            let reason = "it claims to be written after something else than entry \(place - 1)"
            self.conclude(.edited, place, "entry \(place) was edited: \(reason), which a checkpoint vouches for")
        } else {
            self.phase = .unlinked(entry: place, hash: hash)
        }
    }

    private mutating func meetGarbage() {
        switch self.phase {
        case .following: self.conclude(.edited, self.count, "entry \(self.count) was edited: it is no entry any more")
        case .contradicted, .unlinked: self.finding().map { self.phase = .concluded($0) }
        // Goes on looking for the one that is missing.
        case .missing, .concluded: break
        }
    }

    /// An entry after a checkpoint that contradicts what comes before.
    private mutating func resolveContradiction(_ previous: MerkleHash, _ facts: LedgerEntryFacts) {
        let (size, last) = (self.frontier.size, self.frontier.size - 1)
        if facts.index == size, facts.previous == previous.bytes, self.proven < last {
            self.conclude(.rewritten, self.proven, Self.rewriting(from: self.proven, size))
        } else {
            self.conclude(.edited, last, Self.contradiction(last))
        }
    }

    /// The entry after one that does not follow the one before it.
    private mutating func resolveUnlinked(_ entry: UInt64, _ last: MerkleHash, _ facts: LedgerEntryFacts) {
        if facts.previous == last.bytes {
            self.conclude(.edited, entry - 1, Self.unlinked(entry))
        } else {
            let message =
                "entry \(entry - 1) or entry \(entry) was edited: neither is what the one after it was written after"
            self.conclude(.edited, entry - 1, message)
        }
    }

    /// An entry while another one is missing.
    private mutating func look(
        for entry: UInt64,
        _ standIn: LedgerEntryFacts,
        _ standInHash: MerkleHash,
        _ facts: LedgerEntryFacts,
        _ hash: MerkleHash
    ) {
        let other = standIn.index
        if facts.index == entry {
            let message =
                "entry \(entry) was moved: it is at place \(self.count), and entry \(other) where it should be"
            self.conclude(.reordered, entry, message)
        } else if facts.index == other, hash == standInHash {
            self.conclude(
                .replayed,
                entry,
                "entry \(other) is there twice, and the first time where entry \(entry) was"
            )
        } else if facts.index == other {
            self.conclude(
                .edited,
                entry,
                "entry \(entry) was edited: it calls itself entry \(other), which comes later"
            )
        }
    }

    private mutating func conclude(_ kind: LedgerFinding.Kind, _ entry: UInt64, _ message: String) {
        self.phase = .concluded(LedgerFinding(kind: kind, entry: Int64(clamping: entry), message: message))
    }
}

extension LedgerVerifier {
    /// What is wrong with the entries if no more of them come.
    private func finding() -> LedgerFinding? {
        switch self.phase {
        case .concluded(let finding): finding
        case .following: self.truncation()
        case .contradicted: self.lastContradiction()
        case .unlinked(let entry, _):
            LedgerFinding(kind: .edited, entry: Int64(entry) - 1, message: Self.unlinked(entry))
        case .missing(let entry, let standIn, _): Self.gap(entry, standIn.index)
        }
    }

    private func truncation() -> LedgerFinding? {
        let signed = self.checkpoints.sizeMax
        guard signed > self.count else { return nil }
        let message =
            "the ledger was truncated: it has \(self.count) entries, and had \(signed) when one was signed for"
        return LedgerFinding(kind: .truncated, entry: Int64(self.count), message: message)
    }

    private func lastContradiction() -> LedgerFinding {
        let last = self.frontier.size - 1
        guard self.proven < last else {
            return LedgerFinding(kind: .edited, entry: Int64(last), message: Self.contradiction(last))
        }
        let message = "\(Self.contradiction(last)), or \(Self.rewriting(from: self.proven, self.frontier.size))"
        return LedgerFinding(kind: .edited, entry: Int64(last), message: message)
    }

    private static func gap(_ entry: UInt64, _ next: UInt64) -> LedgerFinding {
        let missing = next - entry == 1 ? "entry \(entry) is missing" : "entries \(entry) to \(next - 1) are missing"
        return LedgerFinding(kind: .dropped, entry: Int64(entry), message: "\(missing): entry \(next) comes instead")
    }

    private static func unlinked(_ entry: UInt64) -> String {
        "entry \(entry - 1) was edited: entry \(entry) was written after something else"
    }

    private static func contradiction(_ last: UInt64) -> String {
        "entry \(last) was edited: a checkpoint of \(last + 1) entries was signed for something else"
    }

    private static func rewriting(from first: UInt64, _ size: UInt64) -> String {
        "entries from \(first) on were written again: they fit each other, but not the checkpoint of \(size) entries"
    }
}
