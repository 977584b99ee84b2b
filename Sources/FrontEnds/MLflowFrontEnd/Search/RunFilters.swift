import MartletCore
import MartletSearch
import MartletTracking

/// What a search for runs may compare and sort by.
enum RunFilters {
    /// The kinds of things that a key can name, by every spelling of each.
    private enum Entity: String, CaseIterable {
        case metric, parameter, tag, attribute, dataset

        init(_ name: String?) throws(MartletError) {
            switch name {
            case "metric", "metrics": self = .metric
            case "parameter", "parameters", "param", "params": self = .parameter
            case "tag", "tags": self = .tag
            case nil, "attribute", "attributes", "attr", "run": self = .attribute
            case "dataset", "datasets": self = .dataset
            case let name?:
                let valid = Self.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
                throw .invalid("Invalid entity type '\(name)'. Valid values are [\(valid)]")
            }
        }
    }

    static func conditions(_ filter: String) throws(MartletError) -> [RunCondition] {
        var conditions: [RunCondition] = []
        for comparison in try FilterGrammar.comparisons(in: filter) {
            conditions.append(try self.condition(comparison))
        }
        return conditions
    }

    static func order(_ clauses: [String]) throws(MartletError) -> [RunOrder] {
        var order: [RunOrder] = []
        for clause in try OrderClause.clauses(clauses) {
            let key = try self.orderKey(clause)
            guard !order.contains(where: { $0.key == key }) else {
                throw .invalid("`order_by` contains duplicate fields: \(clauses)")
            }
            order.append(RunOrder(key, ascending: clause.isAscending))
        }
        return order
    }

    private static func orderKey(_ clause: OrderClause) throws(MartletError) -> RunOrder.Key {
        switch try Entity(clause.entity) {
        case .metric: return .metric(clause.key)
        case .parameter: return .param(clause.key)
        case .tag: return .tag(clause.key)
        case .dataset: throw .invalid("Invalid identifier type 'dataset'")
        case .attribute:
            let name = self.canonical(clause.key)
            if let time = RunTime(rawValue: name) { return .time(time) }
            if let text = RunText(rawValue: name) { return .text(text) }
            throw self.invalidAttribute(clause.key)
        }
    }

    private static func condition(_ comparison: FilterComparison) throws(MartletError) -> RunCondition {
        let key = comparison.key
        switch try Entity(comparison.entity) {
        case .metric: return .metric(key, try self.number(comparison, "metric"))
        case .parameter:
            switch comparison.comparator {
            case .isMissing: return .paramIsMissing(key)
            case .isPresent: return .paramIsPresent(key)
            default: return .param(key, try self.text(comparison, "parameter", self.textComparators))
            }
        case .tag:
            switch comparison.comparator {
            case .isMissing: return .tagIsMissing(key)
            case .isPresent: return .tagIsPresent(key)
            default: return .tag(key, try self.text(comparison, "tag", self.textComparators))
            }
        case .attribute: return try self.attribute(comparison)
        case .dataset:
            guard let field = DatasetText(rawValue: key) else {
                throw .invalid("Invalid dataset key '\(key)' specified. Valid keys are '{'name', 'digest', 'context'}'")
            }
            return .dataset(field, try self.text(comparison, "dataset attributes", self.listComparators))
        }
    }

    private static func attribute(_ comparison: FilterComparison) throws(MartletError) -> RunCondition {
        let name = self.canonical(comparison.key)
        if let time = RunTime(rawValue: name) {
            return .time(time, try self.number(comparison, "numeric attribute: \(name)"))
        }
        guard let text = RunText(rawValue: name) else { throw self.invalidAttribute(comparison.key) }
        if case .list = comparison.value, text != .id {
            throw .invalid("Only ['run_id'] attributes support comparison with a list of quoted string values.")
        }
        return .text(text, try self.text(comparison, "attributes", self.listComparators))
    }
}

extension RunFilters {
    private static let textComparators: [FilterComparator] = [
        .differs, .equals, .like, .caseInsensitiveLike, .isMissing, .isPresent,
    ]
    private static let listComparators: [FilterComparator] = [
        .differs, .equals, .like, .caseInsensitiveLike, .oneOf, .noneOf,
    ]

    private static func number(
        _ comparison: FilterComparison,
        _ subject: String
    ) throws(MartletError) -> NumberCondition {
        try self.refuseNullTest(comparison, subject)
        guard case .number(let written) = comparison.value, let value = Double(written) else {
            throw .invalid("Expected numeric value type for \(subject). Found \(comparison.value.written)")
        }
        guard let comparator = comparison.comparator.numeric else {
            throw comparison.invalidComparator(FilterComparator.allCases.filter { $0.numeric != nil })
        }
        return NumberCondition(comparator, value)
    }

    private static func text(
        _ comparison: FilterComparison,
        _ subject: String,
        _ valid: [FilterComparator]
    ) throws(MartletError) -> TextCondition {
        try self.refuseNullTest(comparison, subject)
        return try comparison.textCondition(of: subject, valid)
    }

    private static func refuseNullTest(_ comparison: FilterComparison, _ subject: String) throws(MartletError) {
        guard comparison.value == .none else { return }
        let kind = subject == "metric" ? subject : "attribute"
        throw .invalid(
            "IS NULL / IS NOT NULL is only supported for tags and params, not for '\(kind)' '\(comparison.key)'"
        )
    }

    /// Other names that MLflow's web page shows for some attributes.
    private static func canonical(_ name: String) -> String {
        switch name {
        case "created", "Created": RunTime.startedAt.rawValue
        case "run name", "Run name", "Run Name": RunText.name.rawValue
        default: name
        }
    }

    private static func invalidAttribute(_ name: String) -> MartletError {
        let valid = (RunText.allCases.map(\.rawValue) + RunTime.allCases.map(\.rawValue)).map { "'\($0)'" }
        return .invalid(
            "Invalid attribute key '\(name)' specified. Valid keys are '{\(valid.joined(separator: ", "))}'"
        )
    }
}
