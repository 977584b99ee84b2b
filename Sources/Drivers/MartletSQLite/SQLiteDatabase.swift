import GRDB
import Glibc
package import MartletCore
package import MartletSQL
import NIOPosix

/// SQLite through GRDB. The only module that imports GRDB.
///
/// One connection writes and one alone checkpoints: SQLite before 3.51.3 can corrupt a WAL that two
/// connections reset at once. Reads use a pool of read-only connections on threads of their own.
/// Writes of many callers share one commit, see ``GroupCommit``.
package final class SQLiteDatabase: MartletSQL.Database {
    /// `nil` for a database that is only looked at.
    private let committer: GroupCommit?
    /// `nil` for a database in memory, which only its one connection can see.
    private let readers: ReaderPool?

    /// What SQLite makes beside a database in order to read it, and would leave behind.
    private let passingFiles: [String]

    /// About 64 MB of WAL; a checkpoint costs two fsyncs and delays the next commit.
    package static let defaultWALPagesPerCheckpoint = 16_384

    /// Opens, or creates, the database file at `path`.
    package init(
        path: String,
        readLimits: ReadLimits = .standard,
        walPagesPerCheckpoint: Int = SQLiteDatabase.defaultWALPagesPerCheckpoint
    ) throws(MartletError) {
        let writer = try SQLiteConnection.open(path: path, role: .writer)
        self.committer = GroupCommit(connection: writer, walPagesPerCheckpoint: walPagesPerCheckpoint)
        self.readers = try ReaderPool(path: path, readLimits)
        self.passingFiles = []
    }

    /// Opens a database that nobody is using, for reading; its files stay as they are.
    package init(readingOnly path: String) throws(MartletError) {
        self.committer = nil
        self.passingFiles = ["\(path)-wal", "\(path)-shm"].filter { access($0, F_OK) != 0 }
        self.readers = try ReaderPool(path: path, .standard)
    }

    /// Makes an empty database that lives as long as this object.
    package init(inMemory: Void) throws(MartletError) {
        self.committer = GroupCommit(
            connection: try SQLiteConnection.open(path: ":memory:", role: .memory),
            walPagesPerCheckpoint: .max / 8
        )
        self.readers = nil
        self.passingFiles = []
    }

    package func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        if let readers { return try await readers.run(extent, body) }
        return try await self.write(body)
    }

    @discardableResult
    package func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        guard let committer else { throw MartletError(.unsupported, "the database is open for reading only") }
        return try await committer.run(body)
    }

    /// Waits for running work, then closes every connection, the writer last.
    ///
    /// The last connection to close checkpoints, and only the writer may.
    package func close() async throws(MartletError) {
        defer {
            for file in self.passingFiles { unlink(file) }
        }
        try await closeAll(self.closeReaders, self.closeWriter)
    }

    private func closeReaders() async throws(MartletError) { try await self.readers?.close() }
    private func closeWriter() async throws(MartletError) { try await self.committer?.close() }
}
