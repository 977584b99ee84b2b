package import MartletCore
package import MartletSearch
import MartletSQL

/// Which registered models to list, in which order.
package struct RegisteredModelQuery: Sendable {
    /// One demand on a model; all of a query must be met.
    package enum Condition: Sendable, Equatable {
        case name(TextCondition)
        /// A model without the tag meets no condition on it.
        case tag(String, TextCondition)
    }

    /// What models can be sorted by.
    package enum Key: Sendable, CaseIterable {
        case name, updatedAt
    }

    /// One key of an order, and its direction.
    package struct Order: Sendable, Equatable {
        package let key: Key
        package let isAscending: Bool

        package init(_ key: Key, ascending: Bool) {
            self.key = key
            self.isAscending = ascending
        }
    }

    package var conditions: [Condition]
    package var order: [Order]
    /// Whether models that are prompts are left out.
    package var hidesPrompts: Bool
    package var limit: Int
    /// Where the page before this one ended.
    package var position: [PageToken.Field]?

    package init(
        conditions: [Condition] = [],
        order: [Order] = [],
        hidesPrompts: Bool = true,
        limit: Int,
        position: [PageToken.Field]? = nil
    ) {
        self.conditions = conditions
        self.order = order
        self.hidesPrompts = hidesPrompts
        self.limit = limit
        self.position = position
    }

    /// By name unless asked otherwise; the name makes every order total.
    var keyset: Keyset {
        let hasName = self.order.contains { $0.key == .name }
        let order = self.order + (hasName ? [] : [Order(.name, ascending: true)])
        return Keyset(order.map { Keyset.Term($0.key.column, ascending: $0.isAscending) })
    }

    static let isNoPrompt: SQL = """
        NOT EXISTS (
            SELECT 1 FROM registered_model_tag p
            WHERE p.model_key = m.model_key AND p.key = \(RegisteredModel.promptTag) AND p.value = 'true'
            \(SQL.byProbe)
        )
        """
}

extension RegisteredModelQuery.Key {
    fileprivate var column: SQL {
        switch self {
        case .name: "m.name"
        case .updatedAt: "m.updated_ms"
        }
    }
}

extension RegisteredModelQuery.Condition {
    var sql: SQL {
        switch self {
        case .name(let condition): condition.condition(on: "m.name")
        case .tag(let key, let condition):
            """
            EXISTS (
                SELECT 1 FROM registered_model_tag t
                WHERE t.model_key = m.model_key AND t.key = \(key) AND \(condition.condition(on: "t.value"))
                \(SQL.byProbe)
            )
            """
        }
    }
}
