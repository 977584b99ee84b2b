package import MartletSQL

/// What a search demands of a number.
package struct NumberCondition: Sendable, Equatable {
    package enum Comparator: Sendable, CaseIterable {
        case equals, differs, less, lessOrEqual, greater, greaterOrEqual

        fileprivate var sql: SQL {
            switch self {
            case .equals: "="
            case .differs: "<>"
            case .less: "<"
            case .lessOrEqual: "<="
            case .greater: ">"
            case .greaterOrEqual: ">="
            }
        }
    }

    package let comparator: Comparator
    package let value: Double

    package init(_ comparator: Comparator, _ value: Double) {
        self.comparator = comparator
        self.value = value
    }

    /// The condition on a column or expression of any numeric type.
    package func condition(on column: SQL) -> SQL {
        "\(column) \(self.comparator.sql) \(self.number)"
    }

    /// PostgreSQL takes a value for one of the column's type unless told otherwise. Only a fraction is no whole number.
    private var number: SQL {
        let isWhole = Int64(exactly: self.value) != nil
        return .dialect(sqlite: "\(self.value)", postgres: isWhole ? "\(self.value)" : "\(self.value)::float8")
    }
}
