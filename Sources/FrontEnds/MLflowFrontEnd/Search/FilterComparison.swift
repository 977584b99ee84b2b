/// One comparison of a search filter, as it was written: `metrics.loss < 0.5`.
struct FilterComparison: Equatable {
    /// What stands before the first dot, as in `metrics`; `nil` for a bare key.
    var entity: String?
    /// The key without quotes.
    var key: String
    var comparator: FilterComparator
    var value: FilterValue
}

enum FilterComparator: String, CaseIterable {
    case equals = "="
    case differs = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    /// Understood, so that it can be refused by name: no search accepts it.
    case equalsTwice = "=="
    /// Understood, so that it can be refused by name: no search accepts it.
    case angled = "<>"
    case like = "LIKE"
    case caseInsensitiveLike = "ILIKE"
    case oneOf = "IN"
    case noneOf = "NOT IN"
    case isMissing = "IS NULL"
    case isPresent = "IS NOT NULL"
}

/// The right side of a comparison, not yet held against what the left side can be compared with.
enum FilterValue: Equatable {
    /// A number, as it was written.
    case number(String)
    /// A text, without its quotes.
    case text(String)
    /// A word without quotes, which no comparison accepts.
    case word(String)
    case list([FilterValue])
    /// Of `IS NULL` and `IS NOT NULL`.
    case none

    /// The value as the client wrote it, for messages.
    var written: String {
        switch self {
        case .number(let text), .word(let text): text
        case .text(let text): "'\(text)'"
        case .list(let values): "(\(values.map(\.written).joined(separator: ", "))\(values.count == 1 ? "," : ""))"
        case .none: ""
        }
    }
}
