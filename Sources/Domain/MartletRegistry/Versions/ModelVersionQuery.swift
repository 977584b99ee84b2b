package import MartletCore
package import MartletSearch
import MartletSQL

/// Which versions to list, of which models, in which order.
package struct ModelVersionQuery: Sendable {
    /// One demand on a version; all of a query must be met.
    package enum Condition: Sendable, Equatable {
        case name(TextCondition)
        case number(NumberCondition)
        /// A version without a run has the empty run id.
        case runID(TextCondition)
        case source(TextCondition)
        /// A version without the tag meets no condition on it.
        case tag(String, TextCondition)
        /// By the model's own name for it.
        case stage(StageName)
        case semantic(VersionRange)
    }

    /// What versions can be sorted by.
    package enum Key: Sendable, CaseIterable {
        case name, number, createdAt, updatedAt
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
    /// Whether versions that are prompts are left out.
    package var hidesPrompts: Bool
    package var visibility: Visibility
    package var limit: Int
    /// Where the page before this one ended.
    package var position: [PageToken.Field]?

    package init(
        conditions: [Condition] = [],
        order: [Order] = [],
        hidesPrompts: Bool = true,
        visibility: Visibility = .active,
        limit: Int,
        position: [PageToken.Field]? = nil
    ) {
        self.conditions = conditions
        self.order = order
        self.hidesPrompts = hidesPrompts
        self.visibility = visibility
        self.limit = limit
        self.position = position
    }

    /// Last changed first unless asked otherwise; name and number make every order total.
    var keyset: Keyset {
        var order = self.order.isEmpty ? [Order(.updatedAt, ascending: false)] : self.order
        for last in [Order(.name, ascending: true), Order(.number, ascending: false)]
        where !order.contains(where: { $0.key == last.key }) {
            order.append(last)
        }
        return Keyset(order.map { Keyset.Term($0.key.column, ascending: $0.isAscending) })
    }

    static let isNoPrompt: SQL = """
        NOT EXISTS (
            SELECT 1 FROM model_version_tag p
            WHERE p.version_key = v.version_key AND p.key = \(RegisteredModel.promptTag) AND p.value = 'true'
            \(SQL.byProbe)
        )
        """
}

extension ModelVersionQuery.Key {
    fileprivate var column: SQL {
        switch self {
        case .name: "m.name"
        case .number: "v.number"
        case .createdAt: "v.created_ms"
        case .updatedAt: "v.updated_ms"
        }
    }
}

extension ModelVersionQuery.Condition {
    var sql: SQL {
        switch self {
        case .name(let condition): condition.condition(on: "m.name")
        case .number(let condition): condition.condition(on: "v.number")
        case .runID(let condition): condition.condition(on: "v.run_id")
        case .source(let condition): condition.condition(on: "v.source")
        case .stage(let name): "v.stage_name = \(name)"
        case .semantic(let range): "v.major IS NOT NULL AND \(NumberingQueries.condition(range))"
        case .tag(let key, let condition):
            """
            EXISTS (
                SELECT 1 FROM model_version_tag t
                WHERE t.version_key = v.version_key AND t.key = \(key) AND \(condition.condition(on: "t.value"))
                \(SQL.byProbe)
            )
            """
        }
    }
}
