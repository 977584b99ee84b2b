import MartletBlobs
package import MartletCore
import MartletJournal
import MartletPostgres
import MartletSQL
import MartletSQLite

/// Where a registry is, or is to be: its rows and its bytes.
package struct RegistryPlace: Sendable {
    package enum Rows: Sendable {
        /// A data folder with a database of its own.
        case folder(String)
        case server(DatabaseServer)
    }

    package enum Bytes: Sendable {
        /// A data folder.
        case folder(String)
        case objectStore(BlobSettings)
    }

    package var rows: Rows
    /// `nil` when the bytes stay where they are.
    package var bytes: Bytes?

    package init(rows: Rows, bytes: Bytes?) {
        self.rows = rows
        self.bytes = bytes
    }

    /// The folders, each once: the place is free for one process at a time.
    fileprivate var folders: [String] {
        var folders: [String] = []
        if case .folder(let path) = self.rows { folders.append(path) }
        if case .folder(let path)? = self.bytes, !folders.contains(path) { folders.append(path) }
        return folders
    }
}

/// A place that is open, for one copy.
final class OpenedPlace: Sendable {
    let database: any Database
    let blobs: (any BlobStore)?
    /// Where a server on this place looks for the ledger's key; `nil` for one that has no folder.
    let ledgerKeyPath: String?
    private let opened: OpenedBlobs?
    private let folders: [DataFolder]

    private init(_ database: any Database, _ opened: OpenedBlobs?, _ folders: [DataFolder]) {
        self.database = database
        self.opened = opened
        self.blobs = opened?.store
        self.folders = folders
        self.ledgerKeyPath = folders.first?.ledgerKeyPath
    }

    /// - Parameter isSource: Whether the place must be there already, and stays as it is as far as it is in folders.
    private static func open(_ place: RegistryPlace, isSource: Bool) async throws(MartletError) -> OpenedPlace {
        var folders: [DataFolder] = []
        for path in place.folders {
            folders.append(isSource ? try DataFolder(existingAt: path) : try DataFolder(path: path))
        }
        let database = try self.openRows(place.rows, isSource: isSource)
        return try await database.closingOnFailure { [folders] () async throws(MartletError) in
            OpenedPlace(database, try await self.openBytes(place.bytes, isSource: isSource), folders)
        }
    }

    private static func openRows(
        _ rows: RegistryPlace.Rows,
        isSource: Bool
    ) throws(MartletError) -> any Database {
        switch rows {
        case .server(let server):
            return try server.open()
        case .folder(let path):
            guard isSource else { return try SQLiteDatabase(path: DataFolder.databasePath(in: path)) }
            try DataFolder.requirePresent(at: path)
            guard try JournalFiles.leftovers(in: DataFolder.journalPath(in: path)).isEmpty else {
                throw MartletError(
                    .conflict,
                    "the server on '\(path)' did not stop by itself, and some decisions are not in its database yet; "
                        + "start and stop it once"
                )
            }
            return try SQLiteDatabase(readingOnly: DataFolder.databasePath(in: path))
        }
    }

    private static func openBytes(
        _ bytes: RegistryPlace.Bytes?,
        isSource: Bool
    ) async throws(MartletError) -> OpenedBlobs? {
        switch bytes {
        case nil: return nil
        case .objectStore(let settings): return try await OpenedBlobs.open(settings)
        case .folder(let path):
            let root = DataFolder.blobsPath(in: path)
            return OpenedBlobs(isSource ? LocalBlobStore(existingAt: root) : try LocalBlobStore(root: root))
        }
    }

    /// Lends a place while `body` runs.
    static func with<Value: Sendable>(
        _ place: RegistryPlace,
        isSource: Bool,
        _ body: (OpenedPlace) async throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let opened = try await self.open(place, isSource: isSource)
        do throws(MartletError) {
            let value = try await body(opened)
            try await opened.close()
            return value
        } catch {
            // What went wrong first is what to tell.
            try? await opened.close()
            throw error
        }
    }

    /// Closes everything; the folders are free when this object is gone.
    private func close() async throws(MartletError) {
        guard let opened else { return try await self.database.close() }
        try await closeAll(self.database.close, opened.close)
    }
}

extension RegistryCopy {
    /// Copies what is at one place to another, and takes the ledger's key along where both have a folder for it.
    ///
    /// - Parameter progress: Told how far it is.
    package static func run(
        from source: RegistryPlace,
        to target: RegistryPlace,
        _ progress: @Sendable (Progress) -> Void
    ) async throws(MartletError) -> Report {
        try await OpenedPlace.with(source, isSource: true) { source async throws(MartletError) in
            try await OpenedPlace.with(target, isSource: false) { target async throws(MartletError) in
                try await self.run(from: source, to: target, progress)
            }
        }
    }

    private static func run(
        from source: OpenedPlace,
        to target: OpenedPlace,
        _ progress: @Sendable (Progress) -> Void
    ) async throws(MartletError) -> Report {
        var blobs: (source: any BlobStore, target: any BlobStore)?
        if let from = source.blobs, let to = target.blobs { blobs = (from, to) }
        let copy = RegistryCopy(from: source.database, to: target.database, blobs: blobs)
        var report = try await copy.run(at: Surroundings.system.now(), progress)
        if let old = source.ledgerKeyPath, let new = target.ledgerKeyPath {
            report.hasLedgerKey = try LedgerKeyFile.copy(from: old, to: new)
        }
        return report
    }
}
