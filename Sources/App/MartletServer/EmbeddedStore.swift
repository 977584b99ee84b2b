package import MartletBlobs
package import MartletCore
import MartletPostgres
package import MartletSQL
import MartletSQLite

/// The database and the blobs of one server, each in its data folder or elsewhere: the only place that picks drivers.
package struct EmbeddedStore: Sendable {
    package let database: any Database
    package var blobs: any BlobStore { self.opened.store }
    /// What an operator should know of the drivers.
    var remark: String? { self.opened.remark }
    private let opened: OpenedBlobs
    /// Held for as long as this value is.
    private let folder: DataFolder

    /// Opens a data folder that holds everything for this process alone, making it where needed.
    package init(dataPath: String) throws(MartletError) {
        self.folder = try DataFolder(path: dataPath)
        self.database = try SQLiteDatabase(path: self.folder.databasePath)
        self.opened = OpenedBlobs(try LocalBlobStore(root: self.folder.blobsPath))
    }

    /// Opens what the settings of a server describe, for this process alone as far as it is in the data folder.
    package init(opening settings: ServerSettings) async throws(MartletError) {
        self.folder = try DataFolder(path: settings.dataPath)
        // First what may be elsewhere: there is more that can be wrong with it.
        self.opened = try await OpenedBlobs.open(settings.blobs, folder: self.folder)
        self.database = try await self.opened.closingUnless { [folder] () throws(MartletError) in
            try Self.openDatabase(in: folder, settings.database)
        }
    }

    /// Opens a data folder that must have been made by a server, for reading; it stays as it is.
    ///
    /// - Parameter blobs: Where the bytes are; these may be other servers' as well.
    package init(existingAt dataPath: String, blobs: BlobSettings) async throws(MartletError) {
        let folder = try Self.existingFolder(at: dataPath)
        self.opened =
            if blobs.url == nil { OpenedBlobs(LocalBlobStore(existingAt: folder.blobsPath)) } else {
                try await OpenedBlobs.open(blobs, folder: folder)
            }
        self.folder = folder
        self.database = try await self.opened.closingUnless { () throws(MartletError) in
            try SQLiteDatabase(readingOnly: folder.databasePath)
        }
    }

    /// Opens a data folder that must have been made by a server, with its own bytes, for reading.
    package init(existingAt dataPath: String) throws(MartletError) {
        self.folder = try Self.existingFolder(at: dataPath)
        self.database = try SQLiteDatabase(readingOnly: self.folder.databasePath)
        self.opened = OpenedBlobs(LocalBlobStore(existingAt: self.folder.blobsPath))
    }

    private static func existingFolder(at dataPath: String) throws(MartletError) -> DataFolder {
        guard DataFolder.isPresent(at: dataPath) else {
            throw MartletError(.notFound, "there is no Martlet data in '\(dataPath)'")
        }
        return try DataFolder(existingAt: dataPath)
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
        try await closeAll(self.database.close, self.opened.close)
    }
}
