package import MartletCore
package import MartletSearch
import MartletSQL

/// Which experiments to list, in which order.
package struct ExperimentQuery: Sendable {
    package enum Condition: Sendable {
        case name(TextCondition)
        case id(TextCondition)
        case createdAt(NumberCondition)
        case updatedAt(NumberCondition)
        case tag(String, TextCondition)
        case tagIsMissing(String)
        case tagIsPresent(String)
    }

    package enum Key: String, Sendable, CaseIterable {
        case name
        case id = "experiment_id"
        case createdAt = "creation_time"
        case updatedAt = "last_update_time"
    }

    package struct Order: Sendable {
        let key: Key
        let isAscending: Bool

        package init(_ key: Key, ascending: Bool) {
            self.key = key
            self.isAscending = ascending
        }
    }

    package var conditions: [Condition]
    package var order: [Order]
    package var visibility: Visibility
    package var limit: Int
    /// Where the page before this one ended.
    package var position: [PageToken.Field]?

    package init(
        conditions: [Condition] = [],
        order: [Order] = [],
        visibility: Visibility = .active,
        limit: Int,
        position: [PageToken.Field]? = nil
    ) {
        self.conditions = conditions
        self.order = order
        self.visibility = visibility
        self.limit = limit
        self.position = position
    }

    /// Newest first unless asked otherwise; the id makes every order total.
    var keyset: Keyset {
        let order =
            self.order.isEmpty
            ? [Order(.createdAt, ascending: false), Order(.id, ascending: true)]
            : self.order + [Order(.id, ascending: false)]
        return Keyset(order.map { Keyset.Term($0.key.column, ascending: $0.isAscending) })
    }
}

extension ExperimentQuery.Key {
    fileprivate var column: SQL {
        switch self {
        case .name: "name"
        case .id: "experiment_id"
        case .createdAt: "created_ms"
        case .updatedAt: "updated_ms"
        }
    }
}

extension ExperimentQuery.Condition {
    var sql: SQL {
        switch self {
        case .name(let condition): condition.condition(on: "name")
        case .id(let condition): condition.condition(on: "CAST(experiment_id AS TEXT)")
        case .createdAt(let condition): condition.condition(on: "created_ms")
        case .updatedAt(let condition): condition.condition(on: "updated_ms")
        case .tag(let key, let condition):
            "EXISTS (\(Self.tag(key)) AND \(condition.condition(on: "t.value"))\(SQL.byProbe))"
        case .tagIsMissing(let key): "NOT EXISTS (\(Self.tag(key))\(SQL.byProbe))"
        case .tagIsPresent(let key): "EXISTS (\(Self.tag(key))\(SQL.byProbe))"
        }
    }

    private static func tag(_ key: String) -> SQL {
        "SELECT 1 FROM experiment_tag t WHERE t.experiment_id = experiment.experiment_id AND t.key = \(key)"
    }
}
