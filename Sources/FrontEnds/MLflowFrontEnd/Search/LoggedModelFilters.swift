import MartletCore
import MartletSearch
import MartletTracking

/// What a search for logged models may compare and sort by.
enum LoggedModelFilters {
    /// The kinds of things that a key can name. This search knows only the plurals.
    private enum Entity: String, CaseIterable {
        case attributes, metrics, params, tags

        init(_ name: String?) throws(MartletError) {
            guard let name else {
                self = .attributes
                return
            }
            guard let entity = Self(rawValue: name) else {
                let valid = Self.allCases.map { "'\($0.rawValue)'" }.joined(separator: ", ")
                throw .invalid("Invalid entity type: '\(name)'. Expected one of [\(valid)].")
            }
            self = entity
        }
    }

    /// Reads a filter.
    static func conditions(_ filter: String) throws(MartletError) -> [LoggedModelCondition] {
        var conditions: [LoggedModelCondition] = []
        for comparison in try self.comparisons(filter) {
            conditions.append(try self.condition(comparison))
        }
        return conditions
    }

    /// Reads the elements of `datasets`.
    static func datasets(_ elements: [MLflowFields]) throws(MartletError) -> [MeasuredDataset] {
        try self.check(elements.count, max: Limits.searchDatasets, called: "datasets")
        var datasets: [MeasuredDataset] = []
        for element in elements {
            guard let dataset = try self.dataset(element) else {
                throw .invalid("`dataset_name` in the `datasets` clause must be specified.")
            }
            datasets.append(dataset)
        }
        return datasets
    }

    /// Reads the elements of `order_by`.
    static func order(_ elements: [MLflowFields]) throws(MartletError) -> [LoggedModelOrder] {
        try self.check(elements.count, max: Limits.searchOrderKeys, called: "order_by fields")
        var order: [LoggedModelOrder] = []
        for element in elements {
            let dataset = try self.dataset(element)
            if dataset == nil, try !(element.string("dataset_digest") ?? "").isEmpty {
                throw element.missing("dataset_name")
            }
            let key = try self.orderKey(try element.string("field_name") ?? "", on: dataset)
            // A repeated key sorts nothing that its first mention has left unsorted.
            guard !order.contains(where: { $0.key == key }) else { continue }
            order.append(LoggedModelOrder(key, ascending: try element.bool("ascending") ?? true))
        }
        return order
    }
}

extension LoggedModelFilters {
    /// Says in this search's own words that a filter is not one.
    private static func comparisons(_ filter: String) throws(MartletError) -> [FilterComparison] {
        do {
            return try FilterGrammar.comparisons(in: filter)
        } catch {
            let tokens = FilterLexer.tokens(of: filter)
            guard !tokens.isEmpty, !tokens.dropLast().contains(.other(";")) else {
                throw .invalid("Invalid filter string: '\(filter)'. Expected a single SQL expression.")
            }
            throw .invalid(
                "Invalid filter string: '\(filter)'. Expected a list of comparisons separated by 'AND' "
                    + "(e.g. 'metrics.loss > 0.1 AND params.lr = 0.01')."
            )
        }
    }

    private static func condition(_ comparison: FilterComparison) throws(MartletError) -> LoggedModelCondition {
        let key = comparison.key
        let entity = try Entity(comparison.entity)
        let subject = "\(entity.rawValue).\(key)"
        switch entity {
        case .metrics: return .metric(key, try self.number(comparison, subject))
        case .params: return .param(key, try self.text(comparison, subject))
        case .tags: return .tag(key, try self.text(comparison, subject))
        case .attributes:
            if let time = self.time(key) { return .time(time, try self.number(comparison, subject)) }
            guard let text = LoggedModelText(rawValue: key) else { throw self.invalidAttribute(key) }
            let condition = try self.text(comparison, subject)
            return .text(text, text == .status ? condition.onStatus : condition)
        }
    }

    private static func number(
        _ comparison: FilterComparison,
        _ subject: String
    ) throws(MartletError) -> NumberCondition {
        guard let comparator = comparison.comparator.numeric else {
            throw self.invalidComparator(
                comparison.comparator,
                subject,
                [.less, .lessOrEqual, .greater, .greaterOrEqual, .equals, .differs]
            )
        }
        guard case .number(let written) = comparison.value, let value = Double(written) else {
            throw .invalid("Expected numeric value type for \(subject). Found \(comparison.value.written)")
        }
        return NumberCondition(comparator, value)
    }

    /// A number without quotes is as good as a text: `params.layers = 2`.
    private static func text(
        _ comparison: FilterComparison,
        _ subject: String
    ) throws(MartletError) -> TextCondition {
        let valid: [FilterComparator] = [.equals, .differs, .like, .caseInsensitiveLike, .oneOf, .noneOf]
        guard valid.contains(comparison.comparator) else {
            throw self.invalidComparator(comparison.comparator, subject, valid)
        }
        var comparison = comparison
        if case .number(let written) = comparison.value { comparison.value = .text(written) }
        return try comparison.textCondition(of: subject, valid)
    }

    private static func invalidComparator(
        _ comparator: FilterComparator,
        _ subject: String,
        _ valid: [FilterComparator]
    ) -> MartletError {
        let list = valid.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return .invalid(
            "Invalid comparison operator for \(subject): '\(comparator.rawValue)'. Expected one of (\(list))."
        )
    }

    private static func invalidAttribute(_ name: String) -> MartletError {
        let valid = LoggedModelText.allCases.map(\.rawValue) + LoggedModelTime.allCases.map(\.rawValue)
        let list = valid.map { "'\($0)'" }.joined(separator: ", ")
        return .invalid("Invalid attribute key '\(name)' specified. Valid keys are '{\(list)}'")
    }
}

extension LoggedModelFilters {
    /// The times of a model, by each of their names.
    private static func time(_ name: String) -> LoggedModelTime? {
        switch name {
        case "creation_timestamp", "creation_time": .createdAt
        case "last_updated_timestamp": .updatedAt
        default: LoggedModelTime(rawValue: name)
        }
    }

    private static func orderKey(
        _ name: String,
        on dataset: MeasuredDataset?
    ) throws(MartletError) -> LoggedModelOrder.Key {
        if name.hasPrefix("metrics.") { return .metric(String(name.dropFirst("metrics.".count)), on: dataset) }
        guard !name.contains(".") else {
            throw .invalid("Invalid order by field name: \(name). Only metrics are supported.")
        }
        if let time = self.time(name) { return .time(time) }
        if let text = LoggedModelText(rawValue: name) { return .text(text) }
        throw .invalid("Invalid order by field name: \(name)")
    }

    private static func check(_ count: Int, max: Int, called name: String) throws(MartletError) {
        guard count <= max else {
            throw .invalid("A search for logged models can have at most \(max) \(name). Got \(count) \(name).")
        }
    }

    private static func dataset(_ fields: MLflowFields) throws(MartletError) -> MeasuredDataset? {
        let name = try fields.string("dataset_name") ?? ""
        let digest = try fields.string("dataset_digest") ?? ""
        guard !name.isEmpty else { return nil }
        return MeasuredDataset(name: name, digest: digest.isEmpty ? nil : digest)
    }
}

extension TextCondition {
    /// A condition on a status, which clients may also call by MLflow's number, as its own server stores
    /// it, or by the name that answers have.
    fileprivate var onStatus: TextCondition {
        switch self {
        case .equals(let text): .equals(Self.status(text))
        case .differs(let text): .differs(Self.status(text))
        case .oneOf(let texts): .oneOf(texts.map(Self.status))
        case .noneOf(let texts): .noneOf(texts.map(Self.status))
        case .like, .caseInsensitiveLike: self
        }
    }

    private static func status(_ text: String) -> String {
        let named = LoggedModel.Status.allCases.first { $0.wireName == text || String($0.wireNumber) == text }
        return named?.rawValue ?? text
    }
}
