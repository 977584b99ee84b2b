package import MartletBlobs
package import MartletCore
import MartletPostgres
package import MartletSQL
import MartletSQLite

/// The database and the blobs of one server: the only place that picks drivers.
package struct EmbeddedStore: Sendable {
    package let database: any Database
    package var blobs: any BlobStore { self.files }
    private let files: LocalBlobStore
    /// Held for as long as this value is.
    private let folder: DataFolder

    /// Opens a data folder for this process alone, making it where needed.
    ///
    /// - Parameter server: The database server that has the rows; without one they are in the folder.
    package init(dataPath: String, server: DatabaseServer? = nil) throws(MartletError) {
        self.folder = try DataFolder(path: dataPath)
        self.database = try Self.openDatabase(in: self.folder, server)
        self.files = try LocalBlobStore(root: self.folder.blobsPath)
    }

    /// Opens a data folder that must have been made by a server, for reading; it stays as it is.
    package init(existingAt dataPath: String) throws(MartletError) {
        guard DataFolder.isPresent(at: dataPath) else {
            throw MartletError(.notFound, "there is no Martlet data in '\(dataPath)'")
        }
        self.folder = try DataFolder(existingAt: dataPath)
        self.database = try SQLiteDatabase(readingOnly: self.folder.databasePath)
        self.files = LocalBlobStore(existingAt: self.folder.blobsPath)
    }

    private static func openDatabase(
        in folder: DataFolder,
        _ server: DatabaseServer?
    ) throws(MartletError) -> any Database {
        guard let server else { return try SQLiteDatabase(path: folder.databasePath) }
        // The collector would take the files that only the folder's own database names for nobody's.
        guard !DataFolder.isPresent(at: folder.path) else {
            throw MartletError(
                .conflict,
                "'\(folder.path)' has a database of its own (martlet.sqlite); choose another folder with --data, or "
                    + "leave --database away"
            )
        }
        return try PostgresDatabase.open(
            PostgresSettings(server.connectionString, connections: server.connections)
        )
    }

    /// Makes everything ready to be used by requests.
    package func openDomain() async throws(MartletError) -> Domain {
        let keyFile = LedgerKeyFile(path: self.folder.ledgerKeyPath)
        return try await Domain.open(
            database: self.database,
            blobs: self.blobs,
            surroundings: .system,
            ledgerKey: keyFile.signer
        )
    }

    /// Waits for what is under way and closes everything; the folder is free when this value is gone.
    package func close() async throws(MartletError) {
        try await closeAll(self.database.close, self.files.close)
    }
}
