package import MartletCore

/// A table as the database itself describes it.
package struct Table: Sendable, Hashable {
    package let name: String
    package let columns: [String]
    /// The types of the columns, as the database calls them.
    private let types: [String]
    /// The columns of the primary key, in its order.
    package let key: [String]
    /// The column whose values the database hands out; `nil` for none.
    package let identity: String?
}

/// What tables there are, for whoever treats them all alike.
package enum Catalog {
    /// Returns every table in the order in which they were made, so that none refers to a later one.
    package static func tables(on db: any Connection) throws(MartletError) -> [Table] {
        var tables: [Table] = []
        var (name, columns): (String, [Column]) = ("", [])
        for row in try db.query(self.columns) {
            if row.text(0) != name, !columns.isEmpty {
                tables.append(Table(name, columns))
                columns = []
            }
            name = row.text(0)
            columns.append(
                Column(name: row.text(1), type: row.text(2), keyPosition: row.integer(3), isIdentity: row.bool(4))
            )
        }
        return columns.isEmpty ? tables : tables + [Table(name, columns)]
    }

    /// Without the PostgreSQL driver's own table, which speaks of its connections.
    ///
    /// Table, column, its type, its place in the primary key from 1 on or 0, whether the database hands out its values.
    private static let columns: SQL = .dialect(
        sqlite: """
            SELECT t.name, c.name, c.type, c.pk, 0 FROM sqlite_master t JOIN pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.rowid, c.cid
            """,
        postgres: """
            SELECT t.relname::text, c.attname::text, format_type(c.atttypid, NULL),
                coalesce(k.position, 0)::bigint, (c.attidentity <> '')::int::bigint
            FROM pg_class t
            JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema()
            JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
            LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary
            LEFT JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY k (attnum, position) ON k.attnum = c.attnum
            WHERE t.relkind = 'r' AND t.relname <> 'write_session' ORDER BY t.oid, c.attnum
            """
    )

    fileprivate struct Column {
        let name: String
        let type: String
        let keyPosition: Int64
        let isIdentity: Bool
    }
}

extension Table {
    fileprivate init(_ name: String, _ columns: [Catalog.Column]) {
        self.name = name
        self.columns = columns.map(\.name)
        self.types = columns.map(\.type)
        self.key = columns.filter { $0.keyPosition > 0 }.sorted { $0.keyPosition < $1.keyPosition }.map(\.name)
        self.identity = columns.first(where: \.isIdentity)?.name
    }
}

/// Statements about a table whose name is known only when they run. Names come from the catalog, never from a client.
extension Table {
    /// Some rows, in the order of the primary key.
    ///
    /// - Parameter position: The key of the row that they follow; `nil` for the first ones.
    package func rows(after position: [SQLValue]?, limit: Int) -> SQL {
        let condition: SQL =
            if let position {
                " WHERE (\(self.list(self.key))) > (\(position.map { "\($0)" as SQL }.joined(by: ", ")))"
            } else {
                ""
            }
        return """
            SELECT \(self.list(self.columns)) FROM \(self.sql)\(condition)
            ORDER BY \(self.list(self.key)) LIMIT \(limit)
            """
    }

    /// The key of the last row.
    package var lastKey: SQL {
        let descending = self.key.map { "\(Self.identifier($0)) DESC" as SQL }.joined(by: ", ")
        return "SELECT \(self.list(self.key)) FROM \(self.sql) ORDER BY \(descending) LIMIT 1"
    }

    /// Writes rows, and writes over those that have the same keys.
    package func upsert(_ rows: some Sequence<[SQLValue]>) -> SQL {
        // PostgreSQL infers no types where there are several rows.
        let types = self.types.map { SQL(stringLiteral: $0) }
        let values = rows.map { row in
            "(\(zip(row, types).map { "CAST(\($0) AS \($1))" as SQL }.joined(by: ", ")))" as SQL
        }
        let others = self.columns.filter { !self.key.contains($0) }.map { name in
            "\(Self.identifier(name)) = excluded.\(Self.identifier(name))" as SQL
        }
        let action: SQL = others.isEmpty ? "NOTHING" : "UPDATE SET \(others.joined(by: ", "))"
        return """
            INSERT INTO \(self.sql) (\(self.list(self.columns))) VALUES \(values.joined(by: ", "))
            ON CONFLICT (\(self.list(self.key))) DO \(action)
            """
    }

    package var clear: SQL { "DELETE FROM \(self.sql)" }

    /// Makes the database go on after the highest key; `nil` where it does so by itself.
    package var continueIdentity: SQL? {
        guard let identity else { return nil }
        let (table, column) = (self.sql, Self.identifier(identity))
        return """
            SELECT setval(pg_get_serial_sequence(\(self.name), \(identity)), greatest(max(\(column)), 0) + 1, false)
            FROM \(table)
            """
    }

    private var sql: SQL { Self.identifier(self.name) }

    private func list(_ names: [String]) -> SQL { names.map(Self.identifier).joined(by: ", ") }

    private static func identifier(_ name: String) -> SQL {
        precondition(!name.contains("\""), "a name of our own schema has a quotation mark")
        return SQL(stringLiteral: "\"\(name)\"")
    }
}
