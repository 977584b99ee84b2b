import MartletCore
import MartletSQL

/// The mark that a database bears while a registry is being copied into it.
enum CopyMigrations {
    static let all = [
        Migration(
            "copy/0001-mark-unfinished-copies",
            [
                """
                CREATE TABLE unfinished_copy (
                    origin \(.text) NOT NULL PRIMARY KEY
                ) \(SQL.clusteredTable)
                """
            ]
        )
    ]
}

/// Every statement that touches `unfinished_copy`.
enum CopyMark {
    static let table = "unfinished_copy"

    /// Returns the name of the ledger that is being copied; `nil` when none is.
    static func find(on db: any Connection) throws(MartletError) -> String? {
        try db.queryOne("SELECT origin FROM unfinished_copy")?.text(0)
    }

    static func set(_ origin: String, on db: any Connection) throws(MartletError) {
        try db.execute("INSERT INTO unfinished_copy (origin) VALUES (\(origin))")
    }

    static func remove(on db: any Connection) throws(MartletError) {
        try db.execute("DELETE FROM unfinished_copy")
    }

    /// - Throws: `conflict` for a database into which a copy was begun and not ended.
    static func requireNone(in database: any Database) async throws(MartletError) {
        let origin = try await database.read { db throws(MartletError) in try self.find(on: db) }
        guard let origin else { return }
        throw MartletError(
            .conflict,
            "the registry '\(origin)' was copied into this database, but not to the end; "
                + "run the same 'martlet copy' again"
        )
    }
}
