package import MartletCore
import MartletJSON
package import MartletProofs
package import MartletSQL

/// Reads the ledger, signs what it is, and proves what it holds.
package struct LedgerService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings
    private let signer: NoteSigner

    package init(database: any Database, surroundings: Surroundings, signer: NoteSigner) {
        self.database = database
        self.surroundings = surroundings
        self.signer = signer
    }

    /// The name and the key that checkpoints are signed with.
    package var publicKey: NoteVerifier { self.signer.verifier }

    /// Names the ledger if it has no name yet, and returns its name.
    ///
    /// - Parameter proposal: Used when there is none.
    package static func origin(
        in database: any Database,
        orElse proposal: String
    ) async throws(MartletError) -> String {
        try await database.write { db throws(MartletError) in
            try db.execute(LedgerQueries.setOrigin(proposal))
            return try Ledger.head(on: db).origin
        }
    }

    /// Returns the name of a ledger; empty when it has none yet.
    package static func origin(in database: any Database) async throws(MartletError) -> String {
        try await database.read { db throws(MartletError) in try Ledger.head(on: db).origin }
    }

    /// Whether a ledger was signed with any key before.
    package static func hasKey(in database: any Database) async throws(MartletError) -> Bool {
        try await database.read { db throws(MartletError) in try self.lastKey(on: db) != nil }
    }

    /// The public key that was entered last.
    private static func lastKey(on db: any Connection) throws(MartletError) -> String? {
        let row = try db.queryOne(LedgerQueries.lastKey)
        return try row.map { row throws(MartletError) in try LedgerQueries.decode(row).reading() }?.text("publicKey")
    }

    /// Enters the public key, unless it is the one that was entered last.
    ///
    /// To be called at every start: so the ledger itself says which keys it was signed with, and from when on.
    package func registerKey() async throws(MartletError) {
        let now = self.surroundings.now()
        let key = self.publicKey.text
        try await self.database.write { db throws(MartletError) in
            guard try Self.lastKey(on: db) != key else { return }
            let event = LedgerEvent(
                .registerKey,
                of: .ledger,
                by: Act(by: .martlet),
                at: now,
                details: [.init("publicKey", .string(key))]
            )
            try Ledger.append(event, on: db)
        }
    }
}

extension LedgerService {
    /// Returns a signed note that says what the ledger is now (C2SP tlog-checkpoint), and keeps it.
    ///
    /// Kept checkpoints are what makes a truncated ledger contradict itself.
    package func checkpoint() async throws(MartletError) -> String {
        let keyHash = self.keyHash
        let (kept, checkpoint) = try await self.database.read { db throws(MartletError) in
            let head = try Ledger.head(on: db)
            let kept = try db.queryOne(LedgerQueries.checkpoint(of: head.size, signedBy: keyHash))?.text(0)
            let root = try Ledger.tree(of: head.size, on: db).root()
            return (kept, Checkpoint(origin: head.origin, size: UInt64(head.size), root: root))
        }
        if let kept { return kept }
        let note = try SignedNote(checkpoint.text, by: self.signer).note
        let now = self.surroundings.now()
        try await self.database.write { db throws(MartletError) in
            let size = Int64(checkpoint.size)
            try db.execute(LedgerQueries.insertCheckpoint(note, of: size, signedBy: keyHash, at: now))
        }
        return note
    }

    /// Checkpoints that were handed out, in the order of their sizes.
    ///
    /// - Parameter size: Leaves out those of fewer entries.
    package func checkpoints(from size: Int64 = 0, limit: Int) async throws(MartletError) -> [String] {
        try await self.database.read(.search) { db throws(MartletError) in
            try db.query(LedgerQueries.checkpoints(from: size, limit: limit)).map { $0.text(0) }
        }
    }

    private var keyHash: String { self.publicKey.text.split(separator: "+").dropFirst().first.map(String.init) ?? "" }
}

extension LedgerService {
    /// - Throws: `notFound` when there is no such entry.
    package func entry(_ index: Int64) async throws(MartletError) -> LedgerEntry {
        try await self.database.read { db throws(MartletError) in
            guard let row = try db.queryOne(LedgerQueries.entry(index)) else {
                throw MartletError(.notFound, "The ledger has no entry \(index).")
            }
            return try LedgerQueries.decode(row)
        }
    }

    /// Returns an entry with what proves to a stranger that it is in the ledger.
    package func evidence(of index: Int64) async throws(MartletError) -> LedgerEvidence {
        let entry = try await self.entry(index)
        let checkpoint = try await self.checkpoint()
        let size = Int64(try Checkpoint(try SignedNote(parsing: checkpoint).text).size)
        let path = try await self.inclusionProof(of: index, in: size)
        return LedgerEvidence(entry: entry, size: size, path: path, checkpoint: checkpoint)
    }

    private static let entriesPerQuery = 50
    private static let pageBytes = 16 * 1_024 * 1_024

    /// Returns entries in order, and how many there are in all. Long ones make a page end early.
    package func entries(
        from start: Int64,
        limit: Int
    ) async throws(MartletError) -> (entries: [LedgerEntry], size: Int64) {
        try await self.database.read(.search) { db throws(MartletError) in
            var entries: [LedgerEntry] = []
            var byteCount = 0
            while entries.count < limit, byteCount < Self.pageBytes {
                let next = entries.last.map { $0.index + 1 } ?? start
                let count = min(limit - entries.count, Self.entriesPerQuery)
                let rows = try db.query(LedgerQueries.entries(from: next, limit: count))
                for row in rows {
                    let entry = try LedgerQueries.decode(row)
                    byteCount += entry.body.utf8.count
                    entries.append(entry)
                }
                if rows.count < count { break }
            }
            return (entries, try Ledger.head(on: db).size)
        }
    }

    /// Proves that entry `index` is in the ledger that had `size` entries.
    package func inclusionProof(of index: Int64, in size: Int64) async throws(MartletError) -> [MerkleHash] {
        try await self.database.read { db throws(MartletError) in
            try Self.require(size, atMost: try Ledger.head(on: db).size)
            guard index >= 0 else { throw .invalid("There is no entry \(index).") }
            return try Ledger.tree(of: size, on: db).inclusionProof(of: UInt64(index))
        }
    }

    /// Proves that the ledger that has `newSize` entries begins with the one that had `oldSize`.
    package func consistencyProof(from oldSize: Int64, to newSize: Int64) async throws(MartletError) -> [MerkleHash] {
        try await self.database.read { db throws(MartletError) in
            try Self.require(newSize, atMost: try Ledger.head(on: db).size)
            guard oldSize >= 0 else { throw .invalid("A ledger has no \(oldSize) entries.") }
            return try Ledger.tree(of: newSize, on: db).consistencyProof(from: UInt64(oldSize))
        }
    }

    private static func require(_ size: Int64, atMost present: Int64) throws(MartletError) {
        guard (0...present).contains(size) else {
            throw .invalid("The ledger has \(present) entries and never had \(size).")
        }
    }
}
