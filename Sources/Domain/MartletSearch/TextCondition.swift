package import MartletSQL

/// What a search demands of a text.
package enum TextCondition: Sendable, Equatable {
    case equals(String)
    case differs(String)
    /// SQL's LIKE: `%` and `_` are wildcards, nothing is an escape character, case matters (drivers see to it).
    case like(String)
    /// As ``like(_:)``, where case does not matter.
    case caseInsensitiveLike(String)
    case oneOf([String])
    case noneOf([String])

    /// The condition on a column or expression.
    package func condition(on column: SQL) -> SQL {
        switch self {
        case .equals(let text): "\(column) = \(text)"
        case .differs(let text): "\(column) <> \(text)"
        case .like(let pattern): "\(column) LIKE \(pattern)\(Self.noEscape)"
        case .caseInsensitiveLike(let pattern): "lower(\(column)) LIKE lower(\(pattern)\(Self.byBytes))\(Self.noEscape)"
        case .oneOf(let texts): "\(column) IN \(anyOf: texts)"
        case .noneOf(let texts): "\(column) NOT IN \(anyOf: texts)"
        }
    }

    /// PostgreSQL takes a backslash for an escape unless told not to; SQLite has none by default.
    private static var noEscape: SQL { .dialect(sqlite: "", postgres: " ESCAPE ''") }

    /// So that PostgreSQL lowers the pattern as it does our columns and as SQLite does: A to Z only.
    private static var byBytes: SQL { .dialect(sqlite: "", postgres: #" COLLATE "C""#) }
}
