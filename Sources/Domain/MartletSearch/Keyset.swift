package import MartletCore
package import MartletSQL

/// An order of rows, and the means to go on right after any of them (keyset pagination).
///
/// The statement selects ``columns`` last, sorts by ``order``, and for a later page adds
/// ``conditions(after:)``. The last term must make the order total.
package struct Keyset: Sendable {
    package struct Term: Sendable {
        let expression: SQL
        let isAscending: Bool

        /// - Parameter expression: Must never be NULL; see ``Keyset/missingLast(_:ascending:whenMissing:)``.
        package init(_ expression: SQL, ascending: Bool) {
            self.expression = expression
            self.isAscending = ascending
        }
    }

    package let terms: [Term]

    package init(_ terms: [Term]) {
        self.terms = terms
    }

    /// Sorts by an expression that may be NULL, with the NULLs last in both directions.
    package static func missingLast(_ expression: SQL, ascending: Bool, whenMissing placeholder: SQL) -> [Term] {
        [
            Term("CASE WHEN \(expression) IS NULL THEN 1 ELSE 0 END", ascending: true),
            Term("coalesce(\(expression), \(placeholder))", ascending: ascending),
        ]
    }

    /// The sort keys for the end of a select list, each with a comma before it.
    package var columns: SQL {
        self.terms.map { ", \($0.expression)" as SQL }.joined(by: "")
    }

    /// What follows `ORDER BY`.
    package var order: SQL {
        self.terms.map { "\($0.expression) \($0.isAscending ? "ASC" : "DESC" as SQL)" as SQL }.joined(by: ", ")
    }

    /// What is true of the rows behind `position` and of no others; nothing when there is no position.
    ///
    /// The first comparison stands alone before the rest, so that an index can seek to it. The rest is
    /// flat, because parsers of SQL bound how deep an expression may be.
    ///
    /// - Throws: `invalidArgument` when `position` cannot be one in this order.
    package func conditions(after position: [PageToken.Field]?) throws(MartletError) -> [SQL] {
        guard let position else { return [] }
        guard position.count == self.terms.count, let first = self.terms.first, let firstValue = position.first else {
            throw .foreignPosition
        }
        let bound: SQL = first.isAscending ? ">=" : "<="
        let further = self.terms.indices.map { self.isFirstDifference(at: $0, position) }
        return ["\(first.expression) \(bound) \(firstValue)", "(\(further.joined(by: " OR ")))"]
    }

    /// True for the rows that equal `position` before the term at `index` and lie behind it there.
    private func isFirstDifference(at index: Int, _ position: [PageToken.Field]) -> SQL {
        let beyond: SQL = self.terms[index].isAscending ? ">" : "<"
        let equal = (0..<index).map { "\(self.terms[$0].expression) = \(position[$0])" as SQL }
        return (equal + ["\(self.terms[index].expression) \(beyond) \(position[index])"]).joined(by: " AND ")
    }

    /// The position of a row whose last columns are ``columns``.
    package func position(of row: SQLRow) -> [PageToken.Field] {
        let first = row.columnCount - self.terms.count
        return (first..<row.columnCount).map { column in
            switch row.value(column) {
            case .integer(let value): .integer(value)
            case .real(let value): .real(value)
            case .text(let value): .text(value)
            case .null, .bytes: .null
            }
        }
    }
}
