package import MartletBlobs
package import MartletCore
package import MartletSQL
import MartletSQLite

/// The database and the blobs of one data folder: the only place that picks drivers.
package struct EmbeddedStore: Sendable {
    package var database: any Database { self.sqlite }
    package var blobs: any BlobStore { self.files }
    private let sqlite: SQLiteDatabase
    private let files: LocalBlobStore
    /// Held for as long as this value is.
    private let folder: DataFolder

    /// Opens a data folder for this process alone, making it where needed.
    package init(dataPath: String) throws(MartletError) {
        self.folder = try DataFolder(path: dataPath)
        self.sqlite = try SQLiteDatabase(path: self.folder.databasePath)
        self.files = try LocalBlobStore(root: self.folder.blobsPath)
    }

    /// Opens a data folder that must have been made by a server, for reading; it stays as it is.
    package init(existingAt dataPath: String) throws(MartletError) {
        guard DataFolder.isPresent(at: dataPath) else {
            throw MartletError(.notFound, "there is no Martlet data in '\(dataPath)'")
        }
        self.folder = try DataFolder(existingAt: dataPath)
        self.sqlite = try SQLiteDatabase(readingOnly: self.folder.databasePath)
        self.files = LocalBlobStore(existingAt: self.folder.blobsPath)
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
        try await closeAll(self.sqlite.close, self.files.close)
    }
}
