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
        "\(column) \(self.comparator.sql) \(self.value)"
    }
}
