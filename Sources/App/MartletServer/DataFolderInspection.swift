package import MartletArtifacts
package import MartletCore
import MartletLedger
import MartletRegistry
import MartletSQL

/// What `martlet doctor` does: looks at a whole data folder that no server is using, and changes no row or file of it.
package struct DataFolderInspection: Sendable {
    package struct Report: Sendable {
        /// What the database says of its own tables; empty when they are sound.
        package var databaseProblems: [String] = []
        /// What is wrong with the ledger and with the seals of versions.
        package var registryProblems: [String] = []
        package var findings: [ArtifactFinding] = []
        package var intactBlobs = 0
        package var intactVersions = 0
        package var ledgerEntries: Int64 = 0

        /// Whether nothing that was acknowledged is missing or damaged.
        package var isHealthy: Bool {
            self.databaseProblems.isEmpty && self.registryProblems.isEmpty && self.findings.allSatisfy(\.isHarmless)
        }
    }

    private let store: ServerStore

    package init(_ store: ServerStore) {
        self.store = store
    }

    /// - Throws: `conflict` when another version of Martlet wrote the data.
    package func run(_ depth: ArtifactInspection.Depth) async throws(MartletError) -> Report {
        try await Domain.requireCurrent(self.store.database)
        var report = Report()
        report.databaseProblems = try await self.databaseProblems()
        let ledger = try await LedgerInspection(database: self.store.database).run()
        let seals = try await SealInspection(database: self.store.database).run()
        report.registryProblems = ledger.problems + seals.problems
        report.ledgerEntries = ledger.entryCount
        report.intactVersions = seals.intactCount
        let inspection = ArtifactInspection(database: self.store.database, blobs: self.store.blobs)
        report.intactBlobs = try await inspection.run(depth) { report.findings.append($0) }
        return report
    }

    private func databaseProblems() async throws(MartletError) -> [String] {
        try await self.store.database.read(.inspection) { db throws(MartletError) in
            let integrity = try db.query(Self.integrityCheck).map { $0.text(0) }.filter { $0 != "ok" }
            let references = try db.query(Self.referenceCheck).map { "a row of \($0.text(0)) may refer to nothing" }
            return integrity + references
        }
    }

    /// PostgreSQL has no check of everything: it says which indexes it could not complete.
    private static let integrityCheck: SQL = .dialect(
        sqlite: "PRAGMA integrity_check",
        postgres: """
            SELECT indexrelid::regclass::text || ' is not a valid index' FROM pg_index
            JOIN pg_class ON pg_class.oid = indexrelid
            WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace
            """
    )

    /// What PostgreSQL has checked once holds; it knows what it has not.
    private static let referenceCheck: SQL = .dialect(
        sqlite: "PRAGMA foreign_key_check",
        postgres: """
            SELECT conrelid::regclass::text FROM pg_constraint
            WHERE contype = 'f' AND NOT convalidated AND connamespace = current_schema()::regnamespace
            """
    )
}
