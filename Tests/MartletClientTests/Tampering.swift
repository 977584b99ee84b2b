import MartletCore
import MartletProofs
import MartletSQL
import MartletServer

/// Changes a ledger behind the server's back.
struct Tampering {
    private let path: String

    init(_ path: String) {
        self.path = path
    }

    /// Replaces a text in the first entry that has it, and returns the entry's place.
    ///
    /// - Parameter withHash: Whether the hash that was kept of the entry is made to fit.
    func edit(_ old: String, _ new: String, _ withHash: Bool) async throws -> Int64 {
        let store = try ServerStore(dataPath: self.path)
        let index = try await store.database.write { db throws(MartletError) -> Int64 in
            let rows = try db.query("SELECT entry_index, body FROM ledger_entry ORDER BY entry_index")
            guard let row = rows.first(where: { $0.text(1).contains(old) }) else {
                throw MartletError(.notFound, "no entry has this text")
            }
            let body = row.text(1).replacing(old, with: new)
            try db.execute("UPDATE ledger_entry SET body = \(body) WHERE entry_index = \(row.integer(0))")
            if withHash {
                let leaf = BlobDigest(bytes: MerkleHash(leaf: body.utf8).bytes)
                let update: SQL = "UPDATE ledger_entry SET leaf = \(leaf) WHERE entry_index = \(row.integer(0))"
                try db.execute(update)
            }
            return row.integer(0)
        }
        try await store.close()
        return index
    }
}
