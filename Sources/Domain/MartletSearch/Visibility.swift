package import MartletSQL

/// Which of the living and the deleted a search shows.
package enum Visibility: Sendable, CaseIterable {
    case active, deleted, all

    /// A condition on the table's `deleted_ms` column.
    ///
    /// - Parameter column: The column, qualified where the statement needs it.
    package func condition(on column: SQL) -> SQL {
        switch self {
        case .active: "\(column) IS NULL"
        case .deleted: "\(column) IS NOT NULL"
        case .all: "1 = 1"
        }
    }
}
