import MartletCore

/// The grammar that all of MLflow's searches share: comparisons joined by AND.
///
/// It is as lenient as MLflow's own parser where clients may rely on it (an AND may be missing between
/// comparisons, or lead, or trail) and refuses what that one refuses.
struct FilterGrammar {
    private var tokens: ArraySlice<FilterToken>

    /// Parses a filter. An empty one has no comparisons.
    ///
    /// What the parts mean is for the particular search to say.
    static func comparisons(in filter: String) throws(MartletError) -> [FilterComparison] {
        guard !filter.isEmpty else { return [] }
        var grammar = FilterGrammar(tokens: FilterLexer.tokens(of: filter)[...])
        guard !grammar.tokens.isEmpty else { throw .invalid("Invalid filter '\(filter)'. Could not be parsed.") }
        var comparisons: [FilterComparison] = []
        while let token = grammar.tokens.first {
            if token.isWord("AND") {
                grammar.tokens.removeFirst()
            } else {
                comparisons.append(try grammar.comparison())
            }
        }
        guard comparisons.count <= Limits.searchComparisons else {
            throw .invalid(
                "The filter has \(comparisons.count) comparisons; at most \(Limits.searchComparisons) are allowed."
            )
        }
        return comparisons
    }

    private mutating func comparison() throws(MartletError) -> FilterComparison {
        let clause = self.tokens
        guard clause.count == 1 || clause.first != .other(";") else {
            throw .invalid(
                "Search filter contained multiple expression \"\(clause.map(\.written).joined(separator: " "))\". "
                    + "Provide AND-ed expression list."
            )
        }
        guard let left = self.tokens.popFirst() else { throw Self.refusal(of: clause) }
        guard let comparator = self.comparator() else { throw Self.refusal(of: clause) }
        guard let parts = left.nameParts else {
            throw .invalid("Invalid comparison clause. Expected 'Identifier' found '\(left.written)'")
        }
        guard let value = try self.value(after: comparator) else { throw Self.refusal(of: clause) }
        return FilterComparison(
            entity: parts.count > 1 ? parts[0] : nil,
            key: parts.count > 1 ? parts.dropFirst().joined(separator: ".") : parts[0],
            comparator: comparator,
            value: value
        )
    }

    private mutating func comparator() -> FilterComparator? {
        guard let token = self.tokens.popFirst() else { return nil }
        if case .comparator(let text) = token { return FilterComparator(rawValue: text) }
        if token.isWord("LIKE") { return .like }
        if token.isWord("ILIKE") { return .caseInsensitiveLike }
        if token.isWord("IN") { return .oneOf }
        if token.isWord("NOT") { return self.accept("IN") ? .noneOf : nil }
        guard token.isWord("IS") else { return nil }
        if self.accept("NULL") { return .isMissing }
        return self.accept("NOT") && self.accept("NULL") ? .isPresent : nil
    }

    private mutating func accept(_ word: String) -> Bool {
        guard self.tokens.first?.isWord(word) == true else { return false }
        self.tokens.removeFirst()
        return true
    }

    private mutating func value(after comparator: FilterComparator) throws(MartletError) -> FilterValue? {
        if comparator == .isMissing || comparator == .isPresent { return FilterValue.none }
        if comparator == .oneOf || comparator == .noneOf, self.tokens.first != .open { return nil }
        return self.tokens.first == .open ? try self.list() : self.tokens.popFirst().flatMap(Self.scalar)
    }

    /// Reads `('a', 'b')`; a comma may trail.
    private mutating func list() throws(MartletError) -> FilterValue? {
        self.tokens.removeFirst()
        var values: [FilterValue] = []
        while let token = self.tokens.popFirst() {
            switch token {
            case .close:
                guard !values.isEmpty else { throw .emptyFilterList }
                return .list(values)
            case .comma: continue
            default:
                guard let value = Self.scalar(token) else { return nil }
                values.append(value)
            }
        }
        return nil
    }

    private static func scalar(_ token: FilterToken) -> FilterValue? {
        switch token {
        case .number(let text): .number(text)
        case .text(let text, _): .text(text)
        case .name(_, let written): .word(written)
        case .comparator, .open, .close, .comma, .other: nil
        }
    }

    private static func refusal(of clause: ArraySlice<FilterToken>) -> MartletError {
        // What stands in parentheses is one clause, as it is to MLflow.
        let words =
            clause.first == .open
            ? [
                clause.map(\.written).joined(separator: " ")
                    .replacing("( ", with: "(").replacing(" )", with: ")")
            ]
            : clause.map(\.written)
        let written = words.map { "'\($0)'" }.joined(separator: ", ")
        return .invalid("Invalid clause(s) in filter string: \(written)")
    }
}

extension FilterToken {
    /// The parts of a name; a key may also stand in double quotes, like a text.
    fileprivate var nameParts: [String]? {
        switch self {
        case .name(let parts, _): parts
        case .text(let text, let written): written.hasPrefix("\"") ? [text] : nil
        default: nil
        }
    }
}

extension MartletError {
    fileprivate static var emptyFilterList: MartletError {
        .invalid(
            "While parsing a list in the query, expected a non-empty list of string values, but got empty list"
        )
    }
}

extension FilterValue {
    /// The texts of a list of quoted texts.
    ///
    /// - Throws: `invalidArgument` in MLflow's words when an element is anything else.
    func quotedTexts() throws(MartletError) -> [String]? {
        guard case .list(let values) = self else { return nil }
        guard values.count <= Limits.searchListValues else {
            throw .invalid("A list has at most \(Limits.searchListValues) values.")
        }
        var texts: [String] = []
        for value in values {
            guard case .text(let text) = value else {
                throw .invalid(
                    "While parsing a list in the query, expected string value, punctuation, or whitespace, "
                        + "but got different type in list: \(self.written)"
                )
            }
            texts.append(text)
        }
        return texts
    }
}
