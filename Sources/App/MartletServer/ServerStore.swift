package import MartletBlobs
package import MartletCore
package import MartletDeployments
import MartletJournal
import MartletPostgres
package import MartletSQL
import MartletSQLite

/// The database and the blobs of one server, each in its data folder or elsewhere: the only place that picks drivers.
///
/// A class for the reason that ``OpenedBlobs`` is one.
package final class ServerStore: Sendable {
    package let database: any Database
    package var blobs: any BlobStore { self.opened.store }
    /// What an operator should know of the drivers.
    var remark: String? { self.opened.remark }
    private let opened: OpenedBlobs
    /// `nil` for a database that others share, and for one that is only read.
    private let journal: JournalFiles?
    /// Held for as long as this object lives.
    private let folder: DataFolder

    /// Whether there may be other servers on the database.
    var isShared: Bool { self.database is PostgresDatabase }

    private init(folder: DataFolder, database: any Database, journal: JournalFiles?, opened: OpenedBlobs) {
        self.journal = journal
        self.folder = folder
        self.database = database
        self.opened = opened
    }

    /// Opens a data folder that holds everything for this process alone, making it where needed.
    package convenience init(dataPath: String) throws(MartletError) {
        let folder = try DataFolder(path: dataPath)
        self.init(
            folder: folder,
            database: try SQLiteDatabase(path: folder.databasePath),
            journal: try JournalFiles(folder: folder.journalPath),
            opened: OpenedBlobs(try LocalBlobStore(root: folder.blobsPath))
        )
    }

    /// Opens a data folder that must have been made by a server, with its own bytes, for reading; it stays as it is.
    package convenience init(existingAt dataPath: String) throws(MartletError) {
        let folder = try Self.existingFolder(at: dataPath)
        self.init(
            folder: folder,
            database: try SQLiteDatabase(readingOnly: folder.databasePath),
            journal: nil,
            opened: OpenedBlobs(LocalBlobStore(existingAt: folder.blobsPath))
        )
    }

    /// Opens what the settings of a server describe: what is in the data folder for this process alone, making it where
    /// needed.
    package static func open(_ settings: ServerSettings) async throws(MartletError) -> ServerStore {
        let folder = try DataFolder(path: settings.dataPath)
        let database = try self.openDatabase(in: folder, settings.database)
        return try await database.closingOnFailure { () async throws(MartletError) in
            let blobs = try await self.openBlobs(settings.blobs) { () throws(MartletError) in
                try LocalBlobStore(root: folder.blobsPath)
            }
            let journal = settings.database == nil ? try JournalFiles(folder: folder.journalPath) : nil
            return ServerStore(folder: folder, database: database, journal: journal, opened: blobs)
        }
    }

    /// Opens what the settings of a server that has been there describe, for reading; the data folder stays as it is.
    package static func openExisting(_ settings: ServerSettings) async throws(MartletError) -> ServerStore {
        let folder = try self.existingFolder(of: settings)
        let database = try self.openExistingDatabase(in: folder, settings.database)
        return try await database.closingOnFailure { () async throws(MartletError) in
            let blobs = try await self.openBlobs(settings.blobs) { LocalBlobStore(existingAt: folder.blobsPath) }
            return ServerStore(folder: folder, database: database, journal: nil, opened: blobs)
        }
    }

    /// A folder without a database of its own only has the ledger's key, and perhaps files.
    private static func existingFolder(of settings: ServerSettings) throws(MartletError) -> DataFolder {
        guard settings.database != nil else { return try self.existingFolder(at: settings.dataPath) }
        return try DataFolder(existingAt: settings.dataPath)
    }

    private static func openExistingDatabase(
        in folder: DataFolder,
        _ server: DatabaseServer?
    ) throws(MartletError) -> any Database {
        if server != nil { return try self.openDatabase(in: folder, server) }
        return try SQLiteDatabase(readingOnly: folder.databasePath)
    }

    private static func openBlobs(
        _ settings: BlobSettings,
        orElse openLocal: () throws(MartletError) -> LocalBlobStore
    ) async throws(MartletError) -> OpenedBlobs {
        guard settings.url == nil else { return try await OpenedBlobs.open(settings) }
        return OpenedBlobs(try openLocal())
    }

    private static func existingFolder(at dataPath: String) throws(MartletError) -> DataFolder {
        try DataFolder.requirePresent(at: dataPath)
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
        return try server.open()
    }

    /// Makes everything ready to be used by requests.
    ///
    /// - Parameters:
    ///   - key: Where the ledger's key is; without it, in the data folder.
    ///   - backends: Where versions answer that have no URL.
    ///   - period: Whose decisions are sealed together.
    package func openDomain(
        _ key: LedgerKeySettings = .init(),
        _ webhooks: WebhookSettings = .init(),
        backends: BackendAddresses = .init(),
        period: SealingPeriod = SealingPeriod(ServerSettings.defaultDecisionPeriod)
    ) async throws(MartletError) -> Domain {
        let keyFile = LedgerKeyFile(
            path: key.path ?? self.folder.ledgerKeyPath,
            mayReplace: key.mayReplace || DataFolder.isPresent(at: self.folder.path)
        )
        return try await Domain.open(
            database: self.database,
            journal: self.journal,
            blobs: self.blobs,
            surroundings: .system,
            webhooks: try webhooks.webhooks(),
            backends: backends,
            isShared: self.isShared,
            period: period,
            ledgerKey: keyFile.signer
        )
    }

    /// Where backends have their files that the server runs.
    var supervisedPath: String { "\(self.folder.path)/supervised" }

    /// Waits for what is under way and closes everything; the folder is free when this object is gone.
    package func close() async throws(MartletError) {
        await self.journal?.close()
        try await closeAll(self.database.close, self.opened.close)
    }
}
