package import MartletCore
import MartletProofs
package import MartletSQL

/// The append-only log of all changes, inside the transactions that make them.
///
/// A Merkle tree (RFC 6962) over the entries' bytes: an append writes the entry and the subtrees that it completes, one
/// on average, and looks up as many.
package enum Ledger {
    /// Adds an entry, and returns its place.
    ///
    /// Time does not go back here: should the clock have been set back, the entry bears the time of the last one.
    @discardableResult
    package static func append(_ event: LedgerEvent, on db: any Connection) throws(MartletError) -> Int64 {
        try self.append([event], on: db)
    }

    /// Adds entries that belong together, at least one, with one look at the ledger's end.
    ///
    /// - Returns: The place of the first.
    @discardableResult
    package static func append(_ events: [LedgerEvent], on db: any Connection) throws(MartletError) -> Int64 {
        let head = try self.head(LedgerQueries.lockHead, on: db)
        let start = head.size
        var end = (size: start, leaf: head.lastLeaf, at: head.lastAt)
        for var event in events {
            event.at = max(event.at, end.at)
            let body = event.body(index: end.size, previous: end.leaf)
            let entry = LedgerEntry(index: end.size, leaf: MerkleHash(leaf: body.utf8), body: body)
            try db.execute(LedgerQueries.insert(entry, event))
            try self.completeSubtrees(above: entry, on: db)
            end = (end.size + 1, entry.leaf.description, event.at)
        }
        try db.execute(LedgerQueries.moveHead(to: end.size, end.leaf, at: end.at))
        return start
    }

    private static func completeSubtrees(above entry: LedgerEntry, on db: any Connection) throws(MartletError) {
        var hash = entry.leaf
        for node in MerkleNode.completed(byAppendingTo: UInt64(entry.index)).dropFirst() {
            let sibling = MerkleNode(level: node.level - 1, index: node.index * 2)
            hash = MerkleHash(try self.hash(of: sibling, on: db), hash)
            try db.execute(LedgerQueries.insert(node, hash))
        }
    }

    /// The tree that the ledger was when it had `size` entries.
    static func tree(of size: Int64, on db: any Connection) -> MerkleTree {
        MerkleTree(size: UInt64(size)) { node throws(MartletError) in try self.hash(of: node, on: db) }
    }

    static func head(_ statement: SQL = LedgerQueries.head, on db: any Connection) throws(MartletError) -> LedgerHead {
        guard let row = try db.queryOne(statement) else {
            throw MartletError(.integrity, "the ledger has lost its head")
        }
        return LedgerHead(
            size: row.integer(0),
            lastLeaf: row.text(1),
            lastAt: Timestamp(milliseconds: row.integer(2)),
            origin: row.text(3)
        )
    }

    private static func hash(of node: MerkleNode, on db: any Connection) throws(MartletError) -> MerkleHash {
        guard let row = try db.queryOne(LedgerQueries.hash(of: node)) else {
            throw MartletError(.integrity, "a node of the ledger is missing (level \(node.level), \(node.index))")
        }
        return try LedgerQueries.hash(row, 0)
    }
}

/// Where the ledger ends.
struct LedgerHead {
    let size: Int64
    /// In hexadecimal.
    let lastLeaf: String
    let lastAt: Timestamp
    let origin: String
}
