import MartletCore
import MartletRegistry

/// What a search for registered models may compare and sort by.
enum RegisteredModelFilters {
    /// Reads a filter, and whether it asks for prompts.
    static func conditions(
        _ filter: String
    ) throws(MartletError) -> (conditions: [RegisteredModelQuery.Condition], hidesPrompts: Bool) {
        let asked = try RegistryFilters.Comparisons(in: filter)
        var conditions: [RegisteredModelQuery.Condition] = []
        for comparison in asked.comparisons {
            conditions.append(try self.condition(comparison))
        }
        return (conditions, asked.hidesPrompts)
    }

    /// Reads `order_by`, in which no key may be repeated.
    static func order(_ clauses: [String]) throws(MartletError) -> [RegisteredModelQuery.Order] {
        var order: [RegisteredModelQuery.Order] = []
        for clause in try OrderClause.clauses(clauses) {
            guard try RegistryFilters.Entity(clause.entity) == .attribute else {
                throw .invalid("Invalid order_by entity: tag")
            }
            let key: RegisteredModelQuery.Key =
                switch clause.key {
                case "name": .name
                case "timestamp", "last_updated_timestamp": .updatedAt
                default: throw RegistryFilters.invalidKey(clause.key, "order by", valid: ["name", "timestamp"])
                }
            guard !order.contains(where: { $0.key == key }) else {
                throw .invalid("`order_by` contains duplicate fields: \(clauses)")
            }
            order.append(RegisteredModelQuery.Order(key, ascending: clause.isAscending))
        }
        return order
    }

    private static func condition(
        _ comparison: FilterComparison
    ) throws(MartletError) -> RegisteredModelQuery.Condition {
        switch try RegistryFilters.Entity(comparison.entity) {
        case .tag: return .tag(comparison.key, try RegistryFilters.tag(comparison))
        case .attribute:
            guard comparison.key == "name" else {
                throw RegistryFilters.invalidKey(comparison.key, "attribute", valid: ["name"])
            }
            return .name(try RegistryFilters.attribute(comparison, listKeys: ["name"]))
        }
    }
}
