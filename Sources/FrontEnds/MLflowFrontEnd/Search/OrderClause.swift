import MartletCore

/// One element of `order_by`, as it was written: `metrics.loss DESC`.
struct OrderClause: Equatable {
    /// What stands before the first dot; `nil` for a bare key.
    var entity: String?
    /// The key without quotes.
    var key: String
    var isAscending: Bool

    /// Parses all of `order_by`.
    static func clauses(_ texts: [String]) throws(MartletError) -> [OrderClause] {
        guard texts.count <= Limits.searchOrderKeys else {
            throw .invalid("`order_by` has \(texts.count) clauses; at most \(Limits.searchOrderKeys) are allowed.")
        }
        var clauses: [OrderClause] = []
        for text in texts {
            clauses.append(try OrderClause(parsing: text))
        }
        return clauses
    }

    /// Parses `[entity.]key [ASC|DESC]`.
    init(parsing clause: String) throws(MartletError) {
        let tokens = FilterLexer.tokens(of: clause)
        guard (1...2).contains(tokens.count) else {
            throw .invalid("Invalid order_by clause '\(clause)'. Could not be parsed.")
        }
        switch tokens.count == 2 ? tokens[1].written.uppercased() : "ASC" {
        case "ASC": self.isAscending = true
        case "DESC": self.isAscending = false
        default: throw .invalid("Invalid ordering key in order_by clause '\(clause)'.")
        }
        switch tokens[0] {
        case .name(let parts, _):
            self.entity = parts.count > 1 ? parts[0] : nil
            self.key = parts.count > 1 ? parts.dropFirst().joined(separator: ".") : parts[0]
        case .text(let text, _):
            self.entity = nil
            self.key = text
        default: throw .invalid("Invalid order_by clause '\(clause)'. Could not be parsed.")
        }
    }
}
