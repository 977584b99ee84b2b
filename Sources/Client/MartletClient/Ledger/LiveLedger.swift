import MartletCore
import MartletProofs
public import MartletWire

/// The ledger of a server at one moment: what its owner has just signed for.
public struct LiveLedger: Sendable {
    private static let entriesAtOnce = 1_000

    /// The name of the ledger.
    public let origin: String
    /// How many entries the signed note is for.
    public let size: Int64
    /// The signed note.
    public let checkpoint: String
    /// The signed notes that the server has kept, from the same time or before.
    public let keptCheckpoints: [String]
    /// The key that the server claims to sign with.
    public let publicKey: String
    private let client: MartletClient

    /// Has the server sign what the ledger is now. The signature is checked later, with the entries.
    public init(of client: MartletClient) async throws(MartletClientError) {
        self.client = client
        self.publicKey = try await client.ledgerKey()
        // Asked for first: a later one could be of more entries, and those would seem to be missing.
        self.keptCheckpoints = try await client.checkpoints()
        let signed = try await Self.signed(by: client, orElse: self.keptCheckpoints.last)
        self.checkpoint = signed.note
        do {
            let checkpoint = try Checkpoint(SignedNote(parsing: self.checkpoint).text)
            self.origin = checkpoint.origin
            // Of a ledger that cannot be signed, all that is there is looked at, to say what is wrong with it.
            self.size = signed.isNew ? Int64(clamping: checkpoint.size) : .max
        } catch {
            throw MartletClientError(.unexpectedAnswer, "the server's checkpoint cannot be read: \(error.message)")
        }
    }

    /// A server whose ledger is damaged cannot sign what it is now; what it has signed before then has to do.
    private static func signed(
        by client: MartletClient,
        orElse kept: String?
    ) async throws(MartletClientError) -> (note: String, isNew: Bool) {
        do throws(MartletClientError) {
            return (try await client.checkpoint(), true)
        } catch {
            guard error.status == 500, let kept else { throw error }
            return (kept, false)
        }
    }

    /// Reads all entries that the checkpoint is for, in order; fewer, when the server has no more. One that is stored
    /// behind what the server takes for the end belongs to nothing, and comes last.
    public func forEachEntry(_ body: (LedgerEntryRecord) async throws -> Void) async throws {
        var start: Int64 = 0
        while start < self.size {
            let limit = Int(min(Int64(Self.entriesAtOnce), self.size - start))
            let entries = try await self.client.ledgerEntries(start: start, limit: limit).entries
            guard !entries.isEmpty else { return }
            for entry in entries.prefix(limit) { try await body(entry) }
            start += Int64(entries.count)
        }
        if let stray = try await self.entryBehindTheEnd() { try await body(stray) }
    }

    /// Reads all entries and checks them.
    ///
    /// - Parameters:
    ///   - publicKey: The ledger's, from somebody you trust.
    ///   - checkpoints: More signed notes, as from an earlier visit. Those that the server has kept are used anyway.
    public func verify(
        publicKey: String,
        checkpoints: [String] = []
    ) async throws(MartletClientError) -> LedgerReport {
        var verifier = try LedgerVerifier(
            publicKey: publicKey,
            checkpoints: checkpoints + self.keptCheckpoints + [self.checkpoint],
            origin: self.origin
        )
        try await translatingErrors {
            try await self.forEachEntry { verifier.add(Array($0.body.utf8), leafHash: $0.leafHash) }
        }
        return verifier.report()
    }

    /// An entry that is stored behind what the server takes for the end; one that was written since is none.
    private func entryBehindTheEnd() async throws(MartletClientError) -> LedgerEntryRecord? {
        guard self.size < .max else { return nil }
        let page = try await self.client.ledgerEntries(start: self.size, limit: 1)
        return page.size <= self.size ? page.entries.first : nil
    }
}
