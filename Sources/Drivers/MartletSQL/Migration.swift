package import MartletCore

/// One released change of the schema. Its name and statements never change again.
package struct Migration: Sendable {
    /// Owner and number, as in `tracking/0001-create-tables`.
    package let name: String
    package let statements: [SQL]

    package init(_ name: String, _ statements: [SQL]) {
        self.name = name
        self.statements = statements
    }
}

/// Brings a database up to the schema that this program was built for.
package struct Migrator: Sendable {
    private let migrations: [Migration]

    /// - Parameter migrations: In the order in which they apply.
    package init(_ migrations: [Migration]) {
        self.migrations = migrations
    }

    /// Applies what is missing, all of it or nothing. Of several servers one does, and the others wait for it.
    ///
    /// - Throws: `conflict` when the database has seen a migration that this program does not know:
    ///   a newer program wrote it, and an older one must not touch it.
    package func apply(to database: any Database, at now: Timestamp) async throws(MartletError) {
        try await database.write(.schema) { db throws(MartletError) in
            try db.execute(
                """
                CREATE TABLE IF NOT EXISTS migration (
                    name \(.text) PRIMARY KEY,
                    applied_ms \(.int64) NOT NULL
                ) \(SQL.strictTable)
                """
            )
            let applied = try self.applied(on: db)
            for migration in self.migrations where !applied.contains(migration.name) {
                for statement in migration.statements {
                    try db.execute(statement)
                }
                try db.execute("INSERT INTO migration (name, applied_ms) VALUES (\(migration.name), \(now))")
            }
        }
    }

    /// Returns the names of the migrations that ``apply(to:at:)`` would apply; changes nothing.
    ///
    /// - Throws: `conflict` as ``apply(to:at:)`` does.
    package func pending(in database: any Database) async throws(MartletError) -> [String] {
        try await database.read { db throws(MartletError) in
            let table: SQL = .dialect(
                sqlite: "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'",
                postgres: "SELECT 1 WHERE to_regclass('migration') IS NOT NULL"
            )
            let applied = try db.queryOne(table) == nil ? [] : try self.applied(on: db)
            return self.migrations.map(\.name).filter { !applied.contains($0) }
        }
    }

    private func applied(on db: any Connection) throws(MartletError) -> Set<String> {
        let applied = Set(try db.query("SELECT name FROM migration").map { $0.text(0) })
        if let unknown = applied.subtracting(self.migrations.map(\.name)).min() {
            throw MartletError(
                .conflict,
                "the data was written by a newer version of Martlet (migration '\(unknown)'); use that version"
            )
        }
        return applied
    }
}
