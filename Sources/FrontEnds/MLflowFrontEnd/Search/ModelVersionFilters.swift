import MartletCore
import MartletRegistry
import MartletSearch

/// What a search for model versions may compare and sort by.
enum ModelVersionFilters {
    /// Reads a filter, and whether it asks for prompts.
    static func conditions(
        _ filter: String
    ) throws(MartletError) -> (conditions: [ModelVersionQuery.Condition], hidesPrompts: Bool) {
        let asked = try RegistryFilters.Comparisons(in: filter)
        var conditions: [ModelVersionQuery.Condition] = []
        for comparison in asked.comparisons {
            conditions.append(try self.condition(comparison))
        }
        return (conditions, asked.hidesPrompts)
    }

    /// Reads `order_by`, in which no key may be repeated.
    static func order(_ clauses: [String]) throws(MartletError) -> [ModelVersionQuery.Order] {
        var order: [ModelVersionQuery.Order] = []
        for clause in try OrderClause.clauses(clauses) {
            guard try RegistryFilters.Entity(clause.entity) == .attribute else {
                throw .invalid("Invalid order_by entity: tag")
            }
            let key = try self.orderKey(clause.key)
            guard !order.contains(where: { $0.key == key }) else {
                throw .invalid("`order_by` contains duplicate fields: \(clauses)")
            }
            order.append(ModelVersionQuery.Order(key, ascending: clause.isAscending))
        }
        return order
    }

    private static func orderKey(_ name: String) throws(MartletError) -> ModelVersionQuery.Key {
        switch name {
        case "name": .name
        case "version_number": .number
        case "creation_timestamp": .createdAt
        case "last_updated_timestamp": .updatedAt
        default:
            throw RegistryFilters.invalidKey(
                name,
                "attribute",
                valid: ["name", "version_number", "creation_timestamp", "last_updated_timestamp"]
            )
        }
    }

    private static let listKeys = ["name", "run_id"]

    private static func condition(_ comparison: FilterComparison) throws(MartletError) -> ModelVersionQuery.Condition {
        guard try RegistryFilters.Entity(comparison.entity) == .attribute else {
            return .tag(comparison.key, try RegistryFilters.tag(comparison))
        }
        switch comparison.key {
        case "name": return .name(try RegistryFilters.attribute(comparison, listKeys: self.listKeys))
        case "run_id": return .runID(try RegistryFilters.attribute(comparison, listKeys: self.listKeys))
        case "source_path": return .source(try RegistryFilters.attribute(comparison, listKeys: self.listKeys))
        case "version_number": return .number(try self.number(comparison))
        default:
            throw RegistryFilters.invalidKey(
                comparison.key,
                "attribute",
                valid: ["name", "version_number", "run_id", "source_path"]
            )
        }
    }

    /// A number may stand in quotes.
    private static func number(_ comparison: FilterComparison) throws(MartletError) -> NumberCondition {
        if case .list = comparison.value { try RegistryFilters.requireListKey(comparison, self.listKeys) }
        guard let comparator = comparison.comparator.numeric else {
            throw .invalid(
                "Invalid comparator for attribute version_number: \(comparison.comparator.rawValue)"
            )
        }
        let value: Int64? =
            switch comparison.value {
            case .number(let text), .text(let text): Int64(text)
            case .word, .list, .none: nil
            }
        guard let value else {
            throw .invalid("Invalid value for numeric attribute 'version_number': \(comparison.value.written)")
        }
        return NumberCondition(comparator, Double(value))
    }
}
