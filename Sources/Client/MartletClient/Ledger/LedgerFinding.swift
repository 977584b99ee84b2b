/// Something that is wrong with a ledger.
public struct LedgerFinding: Sendable, Hashable {
    /// What kind of thing is wrong. There may be more of them one day.
    public struct Kind: Sendable, Hashable {
        fileprivate enum Value: String {
            case edited, dropped, reordered, replayed, rewritten, truncated, forgedCheckpoint
        }

        fileprivate let value: Value

        /// The entry's bytes are not those that were written.
        public static let edited = Kind(value: .edited)
        /// The entry is not there, and those after it are.
        public static let dropped = Kind(value: .dropped)
        /// The entry is at another place.
        public static let reordered = Kind(value: .reordered)
        /// An entry is there a second time.
        public static let replayed = Kind(value: .replayed)
        /// Entries were changed and all later ones written again, so that they fit.
        public static let rewritten = Kind(value: .rewritten)
        /// Entries are missing at the end.
        public static let truncated = Kind(value: .truncated)
        /// A checkpoint is not the ledger owner's word.
        public static let forgedCheckpoint = Kind(value: .forgedCheckpoint)
    }

    /// What kind of thing is wrong.
    public let kind: Kind
    /// The first entry that it concerns; absent for a checkpoint.
    public let entry: Int64?
    /// For people: what is wrong, and how one can tell.
    public let message: String
}

extension LedgerFinding.Kind: CustomStringConvertible {
    public var description: String { self.value.rawValue }
}

/// What a verification of a ledger has found.
public struct LedgerReport: Sendable, Hashable {
    /// How many entries were read.
    public let entryCount: Int64
    /// How many checkpoints are good: signed, and of this ledger.
    public let checkpointCount: Int
    /// The root over all entries, in hexadecimal; absent when an entry is wrong.
    public let root: String?
    /// How many of the entries, from the first one, a checkpoint vouches for.
    public let provenCount: Int64
    /// The first entry that is wrong, if there is one, then the checkpoints that are.
    public let findings: [LedgerFinding]

    /// Whether nothing is wrong.
    public var isSound: Bool { self.findings.isEmpty }
}
