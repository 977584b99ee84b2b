package import MartletCore
import MartletProofs
package import MartletSQL

/// Reads the whole ledger, and checks that it is what it says of itself. Signatures are for whoever has the key.
package struct LedgerInspection: Sendable {
    private static let entriesPerPage = 1_000
    private static let problemsMax = 100

    private let database: any Database

    package init(database: any Database) {
        self.database = database
    }

    /// Returns what is wrong, in words, and how many entries there are.
    package func run() async throws(MartletError) -> (problems: [String], entryCount: Int64) {
        var check = LedgerCheck()
        while check.problems.count < Self.problemsMax {
            let start = check.next
            let page = try await self.database.read(.inspection) { db throws(MartletError) in
                try db.query(LedgerQueries.entries(from: start, limit: Self.entriesPerPage))
                    .map { row in (row.integer(0), row.bytes(1), row.text(2)) }
            }
            guard !page.isEmpty else { break }
            for (index, leaf, body) in page { check.add(index, leaf: leaf, body: body) }
        }
        let size = check.next
        let (head, root) = try await self.database.read(.inspection) { db throws(MartletError) in
            let head = try Ledger.head(on: db)
            // From the stored nodes; a missing one is a problem like any other.
            return (head, head.size == size ? try? Ledger.tree(of: size, on: db).root() : nil)
        }
        check.finish(head, root: root)
        return (check.problems, size)
    }
}

/// Goes through entries in order, and computes the tree that they are.
private struct LedgerCheck {
    private(set) var problems: [String] = []
    /// The place of the next entry.
    private(set) var next: Int64 = 0
    private var previous = String(repeating: "0", count: MerkleHash.byteCount * 2)
    /// The roots of complete subtrees, the largest first: what is needed to go on.
    private var stack: [(level: Int, hash: MerkleHash)] = []

    mutating func add(_ index: Int64, leaf: [UInt8], body: String) {
        if index != self.next { self.problems.append("ledger: entries \(self.next) to \(index - 1) are missing") }
        self.next = index + 1
        let hash = MerkleHash(leaf: body.utf8)
        if hash.bytes != leaf { self.problems.append("ledger: entry \(index) was edited") }
        let entry = LedgerEntry(index: index, leaf: hash, body: body)
        if let reading = try? entry.reading() {
            if reading.index != index {
                self.problems.append("ledger: entry \(index) says that it is \(reading.index)")
            }
            if reading.text("previous") != self.previous {
                self.problems.append("ledger: entry \(index) was written after something else")
            }
        } else {
            self.problems.append("ledger: entry \(index) cannot be read")
        }
        self.previous = hash.description
        self.push(hash)
    }

    private mutating func push(_ leaf: MerkleHash) {
        self.stack.append((0, leaf))
        while self.stack.count > 1, self.stack[self.stack.count - 1].level == self.stack[self.stack.count - 2].level {
            let right = self.stack.removeLast()
            let left = self.stack.removeLast()
            self.stack.append((left.level + 1, MerkleHash(left.hash, right.hash)))
        }
    }

    /// - Parameter root: Of the stored tree; `nil` when it cannot be told.
    mutating func finish(_ head: LedgerHead, root: MerkleHash?) {
        if head.size != self.next {
            self.problems.append("ledger: it has \(self.next) entries and should have \(head.size)")
        }
        if head.lastLeaf != self.previous {
            self.problems.append("ledger: its last entry is not the one that it names")
        }
        let computed = self.stack.reversed().map(\.hash).reduce(nil as MerkleHash?) { right, left in
            right.map { MerkleHash(left, $0) } ?? left
        }
        if root != computed ?? .empty { self.problems.append("ledger: its tree is not that of its entries") }
    }
}
