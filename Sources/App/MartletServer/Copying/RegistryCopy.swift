import MartletArtifacts
package import MartletBlobs
package import MartletCore
import MartletLedger
package import MartletSQL

/// Moves a whole registry from one database, and if wanted one blob store, to another: every row under its own key, the
/// ledger as it is.
///
/// Nobody may use either meanwhile. The target bears a mark until everything is there and was compared, and no server
/// starts on it before; a copy that was interrupted goes on where it was when it is begun again.
package struct RegistryCopy: Sendable {
    /// What a copy is doing.
    package enum Progress: Sendable, Hashable {
        case rows(table: String, count: Int)
        case blobs(count: Int, bytes: Int64)
        case comparing(table: String)
    }

    /// What was copied.
    package struct Report: Sendable {
        package internal(set) var tableCount = 0
        package internal(set) var rowCount = 0
        package internal(set) var blobCount = 0
        package internal(set) var blobBytes: Int64 = 0
        package internal(set) var ledgerEntries: Int64 = 0
        /// Whether the key that the ledger is signed with is at the target as well.
        package internal(set) var hasLedgerKey = false
    }

    /// What speaks of the database and the store that it is in. Uploads that are under way lie in parts in the source's
    /// store, and must be begun again.
    private static let excluded: Set = ["migration", CopyMark.table, "upload", "upload_part", "blob_removal", "lease"]

    private let source: any Database
    private let target: any Database
    private let blobs: (source: any BlobStore, target: any BlobStore)?

    /// - Parameter blobs: Where the bytes are and where they are to be; `nil` when they stay where they are.
    package init(
        from source: any Database,
        to target: any Database,
        blobs: (source: any BlobStore, target: any BlobStore)?
    ) {
        self.source = source
        self.target = target
        self.blobs = blobs
    }

    /// Copies everything that is not there yet, and compares both.
    ///
    /// - Throws: `conflict` when the target holds something else, or the source is of another version of Martlet;
    ///   `integrity` when the copy is not what the source is.
    package func run(
        at now: Timestamp,
        _ progress: @Sendable (Progress) -> Void
    ) async throws(MartletError) -> Report {
        try await Domain.requireCurrent(self.source)
        try await CopyMark.requireNone(in: self.source)
        try await Domain.migrate(self.target, at: now)
        let tables = try await self.tables()
        try await self.begin(tables)
        var report = Report(tableCount: tables.count)
        for table in tables {
            try await TableCopy(table: table, source: self.source, target: self.target).run { count in
                progress(.rows(table: table.name, count: count))
            }
        }
        if let blobs {
            let copy = BlobCopy(database: self.source, from: blobs.source, to: blobs.target)
            (report.blobCount, report.blobBytes) = try await copy.run { progress(.blobs(count: $0, bytes: $1)) }
        }
        for table in tables {
            progress(.comparing(table: table.name))
            report.rowCount += try await self.compare(table)
        }
        report.ledgerEntries = try await self.checkLedger()
        try await self.target.write(.schema) { db throws(MartletError) in _ = try db.query(Self.countRows) }
        try await self.target.write { db throws(MartletError) in try CopyMark.remove(on: db) }
        return report
    }

    /// So that the first searches are planned by what there is. PostgreSQL would get round to it a minute later; on
    /// SQLite plans do not depend on it.
    private static let countRows: SQL = .dialect(sqlite: "SELECT 1", postgres: "ANALYZE")

    private func tables() async throws(MartletError) -> [Table] {
        let source = try await self.source.read { db throws(MartletError) in try Catalog.tables(on: db) }
        let target = try await self.target.read { db throws(MartletError) in try Catalog.tables(on: db) }
        let byName = Dictionary(uniqueKeysWithValues: source.map { ($0.name, $0) })
        var tables: [Table] = []
        // In the target's order, and with the target's identities: it is the one that is written to.
        for table in target where !Self.excluded.contains(table.name) {
            guard let other = byName[table.name], other.columns == table.columns, other.key == table.key else {
                throw MartletError(.internal, "the two databases have different tables '\(table.name)'")
            }
            tables.append(table)
        }
        return tables
    }

    /// Tables of one row, which is there from the beginning.
    private static let heads: Set = ["ledger_head", "deployment_head", "decision_seal_head"]

    /// Marks the target, after making sure that there is nothing in it but an earlier beginning of the same copy.
    private func begin(_ tables: [Table]) async throws(MartletError) {
        let origin = try await LedgerService.origin(in: self.source)
        try await self.target.write { db throws(MartletError) in
            if let begun = try CopyMark.find(on: db) {
                guard begun == origin else {
                    throw MartletError(.conflict, "a copy of another registry, '\(begun)', was begun into the target")
                }
                return
            }
            for table in tables where !Self.heads.contains(table.name) {
                guard try db.query(table.rows(after: nil, limit: 1)).isEmpty else {
                    throw MartletError(
                        .conflict,
                        "the target holds a registry already (there are rows in '\(table.name)')"
                    )
                }
            }
            // What a new database begins with gives way to what the source has.
            for table in tables.reversed() { try db.execute(table.clear) }
            try CopyMark.set(origin, on: db)
        }
    }

    /// Returns how many rows there are.
    private func compare(_ table: Table) async throws(MartletError) -> Int {
        let source = try await TableDigest(of: table, in: self.source)
        let target = try await TableDigest(of: table, in: self.target)
        guard source == target else {
            throw MartletError(
                .integrity,
                "the table '\(table.name)' is not the same in both (\(source.rowCount) rows here, \(target.rowCount) "
                    + "there): was the source still in use? Empty the target and copy again"
            )
        }
        return source.rowCount
    }

    private func checkLedger() async throws(MartletError) -> Int64 {
        let ledger = try await LedgerInspection(database: self.target).run()
        guard let problem = ledger.problems.first else { return ledger.entryCount }
        throw MartletError(.integrity, "the ledger that was copied does not hold: \(problem)")
    }
}
