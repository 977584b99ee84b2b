import MartletCore
import MartletSearch
import MartletTracking

/// What a search for experiments may compare and sort by.
enum ExperimentFilters {
    static func conditions(_ filter: String) throws(MartletError) -> [ExperimentQuery.Condition] {
        var conditions: [ExperimentQuery.Condition] = []
        for comparison in try FilterGrammar.comparisons(in: filter) {
            conditions.append(try self.condition(comparison))
        }
        return conditions
    }

    static func order(_ clauses: [String]) throws(MartletError) -> [ExperimentQuery.Order] {
        var order: [ExperimentQuery.Order] = []
        for clause in try OrderClause.clauses(clauses) {
            switch clause.entity {
            case nil, "attribute": break
            case "tag", "tags": throw .invalid("Invalid order_by entity: tag")
            case let entity?: throw self.invalidEntity(entity)
            }
            order.append(ExperimentQuery.Order(try self.key(clause.key), ascending: clause.isAscending))
        }
        return order
    }

    private static func condition(_ comparison: FilterComparison) throws(MartletError) -> ExperimentQuery.Condition {
        switch comparison.entity {
        case nil, "attribute": return try self.attribute(comparison)
        case "tag", "tags": break
        case let entity?: throw self.invalidEntity(entity)
        }
        switch comparison.comparator {
        case .isMissing: return .tagIsMissing(comparison.key)
        case .isPresent: return .tagIsPresent(comparison.key)
        default:
            guard self.textComparators.contains(comparison.comparator) else {
                throw .invalid("Invalid comparator for tag: \(comparison.comparator.rawValue)")
            }
            return .tag(comparison.key, try comparison.textCondition(of: "tag", self.textComparators))
        }
    }

    private static let textComparators: [FilterComparator] = [.equals, .differs, .like, .caseInsensitiveLike]
    private static let idComparators: [FilterComparator] = [.equals, .differs, .oneOf, .noneOf]

    private static func attribute(_ comparison: FilterComparison) throws(MartletError) -> ExperimentQuery.Condition {
        switch try self.key(comparison.key) {
        case .name:
            guard self.textComparators.contains(comparison.comparator) else {
                throw .invalid("Invalid comparator for string attribute: \(comparison.comparator.rawValue)")
            }
            return .name(try comparison.textCondition(of: "attributes", self.textComparators))
        case .id:
            guard self.idComparators.contains(comparison.comparator) else {
                throw .invalid("Invalid comparator for experiment_id: \(comparison.comparator.rawValue)")
            }
            return .id(try comparison.textCondition(of: "attributes", self.idComparators))
        case .createdAt: return .createdAt(try self.time(comparison))
        case .updatedAt: return .updatedAt(try self.time(comparison))
        }
    }

    private static func time(_ comparison: FilterComparison) throws(MartletError) -> NumberCondition {
        guard let comparator = comparison.comparator.numeric else {
            throw .invalid("Invalid comparator for numeric attribute: \(comparison.comparator.rawValue)")
        }
        guard case .number(let text) = comparison.value, let value = Int64(text) else {
            throw .invalid("Invalid value for numeric attribute '\(comparison.key)': \(comparison.value.written)")
        }
        return NumberCondition(comparator, Double(value))
    }

    private static func key(_ name: String) throws(MartletError) -> ExperimentQuery.Key {
        guard let key = ExperimentQuery.Key(rawValue: name) else {
            let valid = ExperimentQuery.Key.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
            throw .invalid("Invalid attribute key '\(name)' specified. Valid keys are '{\(valid)}'")
        }
        return key
    }

    private static func invalidEntity(_ entity: String) -> MartletError {
        .invalid("Invalid entity type '\(entity)'. Valid entity types are ('attribute', 'tag', 'tags')")
    }
}
