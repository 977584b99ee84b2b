/// A statement whose values travel as bindings, never as text.
///
/// Interpolating a value appends a `?` and a binding; there is no way in for a raw `String`. The
/// text is built once, while it is interpolated; only a statement that uses
/// ``dialect(sqlite:postgres:)`` carries a second spelling.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    package private(set) var sqlite: RenderedSQL
    /// `nil` as long as both databases spell the statement the same way.
    private var postgresOnly: RenderedSQL?

    package var postgres: RenderedSQL { self.postgresOnly ?? self.sqlite }

    package init(stringLiteral value: String) {
        self.sqlite = RenderedSQL(text: value, bindings: [])
    }

    package init(stringInterpolation: StringInterpolation) {
        self = stringInterpolation.sql
    }

    /// For what the two databases truly say differently.
    package static func dialect(sqlite: SQL, postgres: SQL) -> SQL {
        var sql: SQL = ""
        sql.sqlite = sqlite.sqlite
        sql.postgresOnly = postgres.postgres
        return sql
    }

    package mutating func append(_ other: SQL) {
        if self.postgresOnly != nil || other.postgresOnly != nil {
            var postgres = self.postgres
            postgres.append(other.postgres)
            self.postgresOnly = postgres
        }
        self.sqlite.append(other.sqlite)
    }

    private mutating func appendText(_ text: String) {
        self.sqlite.text += text
        self.postgresOnly?.text += text
    }

    private mutating func appendBinding(_ value: SQLValue) {
        self.sqlite.append(value)
        self.postgresOnly?.append(value)
    }
}

/// The text and the values of one statement in one dialect.
///
/// Every binding is a `?`; the PostgreSQL driver numbers them when it prepares the statement.
package struct RenderedSQL: Sendable {
    package var text: String
    package var bindings: [SQLValue]

    fileprivate mutating func append(_ other: RenderedSQL) {
        self.text += other.text
        self.bindings += other.bindings
    }

    fileprivate mutating func append(_ value: SQLValue) {
        self.text += "?"
        self.bindings.append(value)
    }
}

extension SQL {
    package struct StringInterpolation: StringInterpolationProtocol, Sendable {
        fileprivate var sql: SQL = ""

        package init(literalCapacity: Int, interpolationCount: Int) {
            self.sql.sqlite.text.reserveCapacity(literalCapacity + interpolationCount)
            self.sql.sqlite.bindings.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) {
            self.sql.appendText(literal)
        }

        package mutating func appendInterpolation(_ value: some SQLBindable) {
            self.sql.appendBinding(value.sqlValue)
        }

        package mutating func appendInterpolation(_ value: (some SQLBindable)?) {
            self.sql.appendBinding(value?.sqlValue ?? .null)
        }

        /// Splices a fragment that was itself built from ``SQL``.
        package mutating func appendInterpolation(_ fragment: SQL) {
            self.sql.append(fragment)
        }

        /// Spells a column type the way each database stores it in full width.
        package mutating func appendInterpolation(_ type: ColumnType) {
            self.sql.append(type.sql)
        }

        /// Compares the column that stands before it with any of `values`, as in `run_key \(isAnyOf: keys)`. One
        /// binding, however many values there are, so that the statement's text and plan stay the same.
        ///
        /// A single value is spelt so that the database sees an equality, which keeps an index's order.
        package mutating func appendInterpolation(isAnyOf values: [Int64]) {
            if values.count == 1 {
                self.sql.append("= \(values[0])")
                return
            }
            let list = values.map(String.init).joined(separator: ",")
            self.sql.append(
                .dialect(
                    sqlite: "IN (SELECT value FROM json_each(\("[\(list)]")))",
                    postgres: "= ANY (\("{\(list)}")::bigint[])"
                )
            )
        }

        /// Compares with any of a few `texts`; use after `IN`. One binding for each.
        package mutating func appendInterpolation(anyOf texts: [String]) {
            self.sql.append("(\(texts.map { "\($0)" as SQL }.joined(by: ", ")))")
        }
    }
}

extension [SQL] {
    /// Joins fragments, as in `conditions.joined(by: " AND ")`.
    package func joined(by separator: SQL) -> SQL {
        guard var joined = self.first else { return "" }
        for fragment in self.dropFirst() {
            joined.append(separator)
            joined.append(fragment)
        }
        return joined
    }
}
