/// One statement and many rows of values for it.
///
/// A driver prepares the statement once. Use it wherever a loop would execute the same text again
/// and again.
package struct SQLBatch: Sendable {
    /// The statement, with a `?` for each of the ``constants`` and then for each column.
    package let text: StaticString
    /// What is the same in every row. May be said last, when the rows were made before it was known.
    package var constants: [SQLValue]
    package let columnCount: Int
    /// The values of all rows, one row after the other.
    @usableFromInline package private(set) var values: [SQLValue] = []

    package init(_ text: StaticString, constants: [SQLValue] = [], columnCount: Int, rowCapacity: Int = 0) {
        self.text = text
        self.constants = constants
        self.columnCount = columnCount
        self.values.reserveCapacity(rowCapacity * columnCount)
    }

    package var isEmpty: Bool { self.values.isEmpty }
    package var rowCount: Int { self.values.count / self.columnCount }

    @inlinable package mutating func append(_ row: SQLValue...) {
        precondition(row.count == self.columnCount, "a row has another number of values than the statement")
        self.values.append(contentsOf: row)
    }
}
