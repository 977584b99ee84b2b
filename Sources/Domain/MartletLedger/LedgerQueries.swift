import MartletCore
package import MartletProofs
package import MartletSQL

/// Every statement that touches the tables of the ledger.
enum LedgerQueries {
    /// Locks the ledger's end until the transaction is over. SQLite's single writer has done so already.
    static let lockHead: SQL = .dialect(
        sqlite: "SELECT size, last_leaf, last_ms, origin FROM ledger_head WHERE head_key = 1",
        postgres: "SELECT size, last_leaf, last_ms, origin FROM ledger_head WHERE head_key = 1 FOR UPDATE"
    )

    static let head: SQL = "SELECT size, last_leaf, last_ms, origin FROM ledger_head WHERE head_key = 1"

    /// - Parameter leaf: Of the last entry, in hexadecimal.
    static func moveHead(to size: Int64, _ leaf: String, at now: Timestamp) -> SQL {
        "UPDATE ledger_head SET size = \(size), last_leaf = \(leaf), last_ms = \(now) WHERE head_key = 1"
    }

    static func setOrigin(_ origin: String) -> SQL {
        "UPDATE ledger_head SET origin = \(origin) WHERE head_key = 1 AND origin = ''"
    }

    static func insert(_ entry: LedgerEntry, _ event: LedgerEvent) -> SQL {
        """
        INSERT INTO ledger_entry (entry_index, leaf, model_key, version, deployment_key, action, at_ms, body)
        VALUES (
            \(entry.index), \(entry.leaf), \(event.subject.modelKey), \(event.subject.version),
            \(event.subject.deploymentKey), \(event.action.rawValue), \(event.at), \(entry.body)
        )
        """
    }

    /// The last entry that says which key the ledger is signed with.
    static let lastKey: SQL = """
        SELECT entry_index, leaf, body FROM ledger_entry WHERE action = 'ledger.key'
        ORDER BY entry_index DESC LIMIT 1
        """

    /// The last entry that says what a version's digest is.
    static func digest(of modelKey: Int64, version: Int64) -> SQL {
        """
        SELECT entry_index FROM ledger_entry
        WHERE model_key = \(modelKey) AND version = \(version) AND action IN ('version.register', 'version.seal')
        ORDER BY entry_index DESC LIMIT 1
        """
    }

    /// The moves of a model's versions, or of one of them, in order.
    static func moves(of modelKey: Int64, version: Int64?) -> SQL {
        let ofVersion: SQL = if let version { "AND version = \(version)" } else { "" }
        return """
            SELECT entry_index, leaf, body FROM ledger_entry
            WHERE model_key = \(modelKey) AND action IN ('version.transition', 'version.rollback') \(ofVersion)
            ORDER BY entry_index
            """
    }

    static func insert(_ node: MerkleNode, _ hash: MerkleHash) -> SQL {
        """
        INSERT INTO ledger_node (level, node_index, hash)
        VALUES (\(node.level), \(Int64(node.index)), \(hash))
        """
    }

    static func hash(of node: MerkleNode) -> SQL {
        guard node.level > 0 else { return "SELECT leaf FROM ledger_entry WHERE entry_index = \(Int64(node.index))" }
        return "SELECT hash FROM ledger_node WHERE level = \(node.level) AND node_index = \(Int64(node.index))"
    }

    static func entry(_ index: Int64) -> SQL {
        "SELECT entry_index, leaf, body FROM ledger_entry WHERE entry_index = \(index)"
    }

    static func entries(from start: Int64, limit: Int) -> SQL {
        """
        SELECT entry_index, leaf, body FROM ledger_entry
        WHERE entry_index >= \(start) ORDER BY entry_index LIMIT \(limit)
        """
    }

    /// The entries of a model or of one of its versions, the newest first.
    static func entries(
        of modelKey: Int64,
        version: Int64?,
        before index: Int64,
        limit: Int
    ) -> SQL {
        let ofVersion: SQL = if let version { "AND version = \(version)" } else { "" }
        return """
            SELECT entry_index, leaf, body FROM ledger_entry
            WHERE model_key = \(modelKey) \(ofVersion) AND entry_index < \(index)
            ORDER BY entry_index DESC LIMIT \(limit)
            """
    }

    /// The entries of a deployment, the newest first.
    static func entries(ofDeployment key: Int64, before index: Int64, limit: Int) -> SQL {
        """
        SELECT entry_index, leaf, body FROM ledger_entry
        WHERE deployment_key = \(key) AND entry_index < \(index)
        ORDER BY entry_index DESC LIMIT \(limit)
        """
    }

    /// Everything that happened to a model before an entry, in order.
    static func story(of modelKey: Int64, before index: Int64) -> SQL {
        """
        SELECT entry_index, leaf, body FROM ledger_entry
        WHERE model_key = \(modelKey) AND entry_index < \(index) ORDER BY entry_index
        """
    }

    static func time(of index: Int64) -> SQL {
        "SELECT at_ms FROM ledger_entry WHERE entry_index = \(index)"
    }

    static func checkpoint(of size: Int64, signedBy keyHash: String) -> SQL {
        "SELECT note FROM ledger_checkpoint WHERE size = \(size) AND key_hash = \(keyHash)"
    }

    static func checkpoints(from size: Int64, limit: Int) -> SQL {
        "SELECT note FROM ledger_checkpoint WHERE size >= \(size) ORDER BY size, signed_ms LIMIT \(limit)"
    }

    static func insertCheckpoint(_ note: String, of size: Int64, signedBy keyHash: String, at now: Timestamp) -> SQL {
        """
        INSERT INTO ledger_checkpoint (size, key_hash, signed_ms, note)
        VALUES (\(size), \(keyHash), \(now), \(note)) ON CONFLICT DO NOTHING
        """
    }

    static func decode(_ row: SQLRow) throws(MartletError) -> LedgerEntry {
        LedgerEntry(index: row.integer(0), leaf: try self.hash(row, 1), body: row.text(2))
    }

    static func hash(_ row: SQLRow, _ column: Int) throws(MartletError) -> MerkleHash {
        guard let hash = MerkleHash(bytes: row.bytes(column)) else {
            throw MartletError(.integrity, "a hash of the ledger is not 32 bytes long")
        }
        return hash
    }
}

extension MerkleHash: SQLBindable {
    package var sqlValue: SQLValue { .bytes(self.bytes) }
}
