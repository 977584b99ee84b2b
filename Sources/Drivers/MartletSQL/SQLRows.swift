/// The answer to a query: fixed-size cells, row by row, and one arena that holds every text and blob.
///
/// A concrete value without per-row allocation or dynamic dispatch, so that reading a million metric
/// points costs two growing buffers. Drivers fill it with ``append(integer:)`` and its siblings, one
/// call per column.
package struct SQLRows: Sendable {
    struct Cell: Sendable {
        enum Kind: UInt8 { case null, integer, real, text, bytes }
        var kind: Kind
        /// Byte count in the arena, for text and bytes.
        var length: Int32 = 0
        /// The integer, the bits of the double, or the arena offset.
        var word: UInt64 = 0
    }

    package let columnCount: Int
    var cells: [Cell] = []
    var arena: [UInt8] = []

    /// How much memory the rows take.
    package var byteCount: Int { self.cells.count * MemoryLayout<Cell>.stride + self.arena.count }

    package init(columnCount: Int) {
        self.columnCount = columnCount
    }

    package mutating func appendNull() {
        self.cells.append(Cell(kind: .null))
    }

    package mutating func append(integer: Int64) {
        self.cells.append(Cell(kind: .integer, word: UInt64(bitPattern: integer)))
    }

    package mutating func append(real: Double) {
        self.cells.append(Cell(kind: .real, word: real.bitPattern))
    }

    package mutating func append(text: UnsafeBufferPointer<UInt8>) {
        self.append(.text, text)
    }

    package mutating func append(bytes: UnsafeBufferPointer<UInt8>) {
        self.append(.bytes, bytes)
    }

    private mutating func append(_ kind: Cell.Kind, _ content: UnsafeBufferPointer<UInt8>) {
        self.cells.append(Cell(kind: kind, length: Int32(content.count), word: UInt64(self.arena.count)))
        self.arena.append(contentsOf: content)
    }
}

extension SQLRows: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { self.columnCount == 0 ? 0 : self.cells.count / self.columnCount }

    package subscript(position: Int) -> SQLRow {
        SQLRow(rows: self, firstCell: position * self.columnCount)
    }
}

/// One row of a ``SQLRows``.
///
/// Asking a column for another type than its own is a mistake in our statement, not in anybody's
/// input (tables are strict), and stops the program.
package struct SQLRow: Sendable {
    let rows: SQLRows
    let firstCell: Int

    package var columnCount: Int { self.rows.columnCount }

    package func isNull(_ column: Int) -> Bool {
        self.rows.cells[self.firstCell + column].kind == .null
    }

    package func integer(_ column: Int) -> Int64 {
        Int64(bitPattern: self.cell(column, .integer).word)
    }

    package func real(_ column: Int) -> Double {
        Double(bitPattern: self.cell(column, .real).word)
    }

    package func text(_ column: Int) -> String {
        self.withUTF8(column) { String(decoding: $0, as: UTF8.self) }
    }

    package func bytes(_ column: Int) -> [UInt8] {
        let cell = self.cell(column, .bytes)
        let start = Int(cell.word)
        return [UInt8](self.rows.arena[start..<start + Int(cell.length)])
    }

    package func bool(_ column: Int) -> Bool {
        self.integer(column) != 0
    }

    /// Lends the UTF-8 of a text column without making a `String` of it.
    package func withUTF8<Result>(_ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        let cell = self.cell(column, .text)
        let start = Int(cell.word)
        return self.rows.arena.withUnsafeBufferPointer { arena in
            body(UnsafeBufferPointer(rebasing: arena[start..<start + Int(cell.length)]))
        }
    }

    package func optionalInteger(_ column: Int) -> Int64? {
        self.isNull(column) ? nil : self.integer(column)
    }

    package func optionalText(_ column: Int) -> String? {
        self.isNull(column) ? nil : self.text(column)
    }

    package func optionalBytes(_ column: Int) -> [UInt8]? {
        self.isNull(column) ? nil : self.bytes(column)
    }

    /// The value of a column whose type is not known beforehand.
    package func value(_ column: Int) -> SQLValue {
        switch self.rows.cells[self.firstCell + column].kind {
        case .null: .null
        case .integer: .integer(self.integer(column))
        case .real: .real(self.real(column))
        case .text: .text(self.text(column))
        case .bytes: .bytes(self.bytes(column))
        }
    }

    private func cell(_ column: Int, _ expected: SQLRows.Cell.Kind) -> SQLRows.Cell {
        let cell = self.rows.cells[self.firstCell + column]
        precondition(cell.kind == expected, "column is not of the type that the statement's author expects")
        return cell
    }
}
