import GRDB
import GRDBSQLite
import Glibc
import MartletCore
import MartletSQL

/// A prepared statement and the direct way from its columns to ``SQLRows``.
struct SQLiteStatement {
    /// Keeps the statement alive: GRDB finalises it when this goes.
    private let owner: Statement
    private let statement: OpaquePointer
    private let connection: OpaquePointer
    let columnCount: Int

    /// Tells SQLite to copy the bytes that it is given.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ owner: Statement, connection: OpaquePointer) {
        self.owner = owner
        self.statement = owner.sqliteStatement
        self.connection = connection
        self.columnCount = Int(sqlite3_column_count(owner.sqliteStatement))
    }

    func bind(_ values: [SQLValue]) throws(MartletError) {
        self.requireBindings(values.count)
        try self.bind(values, from: 0, count: values.count, after: 0)
    }

    /// After so many rows, about a third of a millisecond, whoever waits for the processor gets it.
    private static let rowsPerTurn = 64

    /// Runs the statement for each row.
    ///
    /// Left alone a long batch would keep a processor for as long as the system allows, some milliseconds, while
    /// requests wait that need a few microseconds.
    func run(_ batch: SQLBatch) throws(MartletError) {
        let (constantCount, columnCount) = (batch.constants.count, batch.columnCount)
        self.requireBindings(constantCount + columnCount)
        try self.bind(batch.constants, from: 0, count: constantCount, after: 0)
        for (row, start) in stride(from: 0, to: batch.values.count, by: columnCount).enumerated() {
            if row % Self.rowsPerTurn == Self.rowsPerTurn - 1 { sched_yield() }
            defer { self.reset() }
            try self.bind(batch.values, from: start, count: columnCount, after: constantCount)
            while try self.step() {}
        }
    }

    private func requireBindings(_ count: Int) {
        precondition(
            count == sqlite3_bind_parameter_count(self.statement),
            "a statement has another number of bindings than values"
        )
    }

    /// - Parameter position: How many bindings come before.
    private func bind(
        _ values: [SQLValue],
        from start: Int,
        count: Int,
        after position: Int
    ) throws(MartletError) {
        for offset in 0..<count {
            let result = self.bind(values[start + offset], at: Int32(position + offset + 1))
            guard result == SQLITE_OK else { throw MartletError(sqlite: self.connection) }
        }
    }

    private func bind(_ value: SQLValue, at position: Int32) -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(self.statement, position)
        case .integer(let value): sqlite3_bind_int64(self.statement, position, value)
        case .real(let value): sqlite3_bind_double(self.statement, position, value)
        case .text(var text):
            text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    sqlite3_bind_text(
                        self.statement,
                        position,
                        characters.baseAddress ?? Self.empty,
                        Int32(characters.count),
                        Self.transient
                    )
                }
            }
        case .bytes(let bytes):
            bytes.withUnsafeBytes { buffer in
                buffer.isEmpty
                    ? sqlite3_bind_zeroblob(self.statement, position, 0)
                    : sqlite3_bind_blob(
                        self.statement,
                        position,
                        buffer.baseAddress,
                        Int32(buffer.count),
                        Self.transient
                    )
            }
        }
    }

    /// A null pointer would bind NULL where an empty text is meant.
    nonisolated(unsafe) private static let empty: UnsafePointer<CChar> = {
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.pointee = 0
        return UnsafePointer(pointer)
    }()

    /// Returns whether there is a row.
    func step() throws(MartletError) -> Bool {
        switch sqlite3_step(self.statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw MartletError(sqlite: self.connection)
        }
    }

    func reset() {
        sqlite3_reset(self.statement)
    }

    func appendRow(to rows: inout SQLRows) {
        for column in 0..<Int32(self.columnCount) {
            switch sqlite3_column_type(self.statement, column) {
            case SQLITE_INTEGER: rows.append(integer: sqlite3_column_int64(self.statement, column))
            case SQLITE_FLOAT: rows.append(real: sqlite3_column_double(self.statement, column))
            case SQLITE_TEXT:
                let text = sqlite3_column_text(self.statement, column)
                rows.append(text: UnsafeBufferPointer(start: text, count: self.byteCount(column)))
            case SQLITE_BLOB:
                let blob = sqlite3_column_blob(self.statement, column)
                let bytes = UnsafeRawBufferPointer(start: blob, count: self.byteCount(column))
                rows.append(bytes: bytes.bindMemory(to: UInt8.self))
            default: rows.appendNull()
            }
        }
    }

    private func byteCount(_ column: Int32) -> Int {
        Int(sqlite3_column_bytes(self.statement, column))
    }
}

/// The prepared statements of one connection.
struct StatementCache {
    /// Searches have many shapes; past this many texts the cache starts anew rather than growing.
    private static let statementsMax = 300
    /// A prepared statement takes many times the room of its text, and long ones hardly ever come back.
    private static let textBytesMax = 3_000

    private var statements: [String: SQLiteStatement] = [:]
    /// By where their text begins: a text in our program never moves, and there are only so many.
    private var fixedStatements: [UnsafePointer<UInt8>: SQLiteStatement] = [:]

    subscript(text: String) -> SQLiteStatement? { self.statements[text] }

    subscript(text: StaticString) -> SQLiteStatement? {
        get { self.fixedStatements[text.utf8Start] }
        set { self.fixedStatements[text.utf8Start] = newValue }
    }

    mutating func insert(_ statement: SQLiteStatement, for text: String) -> SQLiteStatement {
        guard text.utf8.count <= Self.textBytesMax else { return statement }
        if self.statements.count >= Self.statementsMax { self.statements.removeAll(keepingCapacity: true) }
        self.statements[text] = statement
        return statement
    }

    mutating func removeAll() {
        self.statements.removeAll()
        self.fixedStatements.removeAll()
    }
}
