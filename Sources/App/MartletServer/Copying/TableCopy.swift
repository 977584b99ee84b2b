import Crypto
import MartletCore
import MartletSQL

/// Copies one table from one database to another, row by row in the order of its primary key.
///
/// Every page is one transaction, so that what is there is a beginning of the table, and a copy that was interrupted
/// goes on behind it.
struct TableCopy: Sendable {
    private static let pageBytes = 4 * 1_024 * 1_024
    private static let firstPageRows = 50
    private static let pageRowsMax = 10_000
    /// Below what databases allow of values in one statement (SQLite 32,766, PostgreSQL 65,535).
    private static let valuesPerStatement = 2_000

    let table: Table
    let source: any Database
    let target: any Database

    /// Copies what is missing.
    ///
    /// - Parameter progress: Told how many rows were copied by now.
    func run(_ progress: (Int) -> Void) async throws(MartletError) {
        let table = self.table
        let start = try await self.target.read(.inspection) { db throws(MartletError) in
            try db.queryOne(table.lastKey).map { row in (0..<table.key.count).map { row.value($0) } }
        }
        var count = 0
        try await Self.forEachPage(of: table, in: self.source, after: start) { rows throws(MartletError) in
            try await self.target.write { db throws(MartletError) in try Self.write(rows, to: table, on: db) }
            count += rows.count
            progress(count)
        }
        if let statement = table.continueIdentity {
            try await self.target.write { db throws(MartletError) in _ = try db.query(statement) }
        }
    }

    private static func write(_ rows: SQLRows, to table: Table, on db: any Connection) throws(MartletError) {
        let rowsPerStatement = max(1, self.valuesPerStatement / table.columns.count)
        for start in stride(from: 0, to: rows.count, by: rowsPerStatement) {
            let part = rows[start..<min(start + rowsPerStatement, rows.count)]
            try db.execute(table.upsert(part.map(\.values)))
        }
    }

    /// Reads a table page by page; pages grow and shrink with the length of their rows.
    static func forEachPage(
        of table: Table,
        in database: any Database,
        after start: [SQLValue]? = nil,
        _ body: (SQLRows) async throws(MartletError) -> Void
    ) async throws(MartletError) {
        let keyColumns = table.key.compactMap(table.columns.firstIndex)
        var position = start
        var limit = self.firstPageRows
        while true {
            let (after, count) = (position, limit)
            let rows = try await database.read(.inspection) { db throws(MartletError) in
                try db.query(table.rows(after: after, limit: count))
            }
            guard let last = rows.last else { return }
            try await body(rows)
            guard rows.count == count else { return }
            position = keyColumns.map { last.value($0) }
            limit = min(max(1, count * self.pageBytes / max(rows.byteCount, 1)), self.pageRowsMax)
        }
    }
}

/// What a table holds, to be compared with what another database's holds.
struct TableDigest: Equatable, Sendable {
    private(set) var rowCount = 0
    private(set) var sha256: [UInt8] = []

    /// Reads a whole table.
    init(of table: Table, in database: any Database) async throws(MartletError) {
        var hash = SHA256()
        var count = 0
        try await TableCopy.forEachPage(of: table, in: database) { rows in
            for row in rows { for value in row.values { hash.update(value) } }
            count += rows.count
        }
        self.rowCount = count
        self.sha256 = Array(hash.finalize())
    }
}

extension SQLRow {
    fileprivate var values: [SQLValue] { (0..<self.columnCount).map { self.value($0) } }
}

extension SHA256 {
    /// Takes a value with its type and its length, so that no two rows look alike.
    fileprivate mutating func update(_ value: SQLValue) {
        switch value {
        case .null: self.update(0, [])
        case .integer(let integer): self.update(1, Array("\(integer)".utf8))
        case .real(let real): self.update(2, Array("\(real.bitPattern)".utf8))
        case .text(let text): self.update(3, Array(text.utf8))
        case .bytes(let bytes): self.update(4, bytes)
        }
    }

    private mutating func update(_ type: UInt8, _ bytes: [UInt8]) {
        self.update(data: [type] + Array("\(bytes.count):".utf8))
        self.update(data: bytes)
    }
}
