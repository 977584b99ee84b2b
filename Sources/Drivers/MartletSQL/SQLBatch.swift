/// One statement and many rows of values for it.
///
/// A driver prepares the statement once. Use it wherever a loop would execute the same text again
/// and again.
package struct SQLBatch: Sendable {
    /// The statement, with one `?` per column.
    package let text: StaticString
    package let columnCount: Int
    /// The values of all rows, one row after the other.
    @usableFromInline package private(set) var values: [SQLValue] = []

    package init(_ text: StaticString, columnCount: Int, rowCapacity: Int = 0) {
        self.text = text
        self.columnCount = columnCount
        self.values.reserveCapacity(rowCapacity * columnCount)
    }

    package var isEmpty: Bool { self.values.isEmpty }

    @inlinable package mutating func append(_ row: SQLValue...) {
        precondition(row.count == self.columnCount, "a row has another number of values than the statement")
        self.values.append(contentsOf: row)
    }
}
