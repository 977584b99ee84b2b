import GRDB
import GRDBSQLite
import MartletCore
import MartletSQL

/// One SQLite connection with its prepared statements.
///
/// GRDB opens, configures and owns the connection and prepares statements. Rows are read straight
/// from SQLite into ``SQLRows``: GRDB's `Row` would cost a dictionary-like object for each.
///
/// `@unchecked Sendable`: used by one thread at a time, which ``ReaderPool`` and ``GroupCommit``
/// guarantee by handing it out and taking it back.
final class SQLiteConnection: @unchecked Sendable {
    enum Role { case writer, reader, memory }

    /// What one query of a client may return: a million points of a metric, but not all that a server has.
    private static let answerBytesMax = 256 << 20

    private let queue: DatabaseQueue
    private let handle: OpaquePointer
    private var statements = StatementCache()
    private let walLength = WALLength()
    private let deadline = Deadline()
    private var walPagesAtCheckpoint = 0

    private init(queue: DatabaseQueue, handle: OpaquePointer) {
        self.queue = queue
        self.handle = handle
        self.watchWAL()
        self.watchDeadline()
    }

    static func open(path: String, role: Role) throws(MartletError) -> SQLiteConnection {
        var configuration = Configuration()
        configuration.label = "martlet"
        configuration.readonly = role == .reader
        configuration.journalMode = role == .writer ? .wal : .default
        configuration.busyMode = .timeout(10)
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { db in
            try Self.configure(db, role: role)
        }
        do {
            let queue =
                try role == .memory
                ? DatabaseQueue(configuration: configuration)
                : DatabaseQueue(path: path, configuration: configuration)
            let handle = try queue.unsafeReentrantWrite { db in
                // Again, because GRDB sets NORMAL when it switches to WAL.
                if role == .writer { try db.execute(sql: "PRAGMA synchronous = FULL") }
                return db.sqliteConnection
            }
            guard let handle else { throw MartletError(.internal, "the database did not open") }
            return SQLiteConnection(queue: queue, handle: handle)
        } catch {
            throw MartletError(translating: error)
        }
    }

    private static func configure(_ db: GRDB.Database, role: Role) throws {
        try db.execute(sql: "PRAGMA mmap_size = 0")
        try db.execute(sql: "PRAGMA temp_store = MEMORY")
        // As on PostgreSQL, where case matters to LIKE.
        try db.execute(sql: "PRAGMA case_sensitive_like = ON")
        // Checkpoints are made by GroupCommit, after the callers have their answers.
        try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        // What a burst of writes has made of the WAL is given back when it starts over.
        try db.execute(sql: "PRAGMA journal_size_limit = \(128 << 20)")
        try db.execute(sql: "PRAGMA cache_size = -\(role == .reader ? 16_384 : 32_768)")
    }

    /// Runs `body` where GRDB expects everything that touches the connection to run.
    ///
    /// Every other method must be called inside; GRDB's own hooks check it.
    func exclusively<Value>(_ body: () -> Value) -> Value {
        self.queue.unsafeReentrantWrite { _ in body() }
    }

    /// Call it outside of ``exclusively(_:)``, when nobody uses the connection any more.
    func close() throws(MartletError) {
        self.statements.removeAll()
        do {
            try self.queue.close()
        } catch {
            throw MartletError(translating: error)
        }
    }
}

extension SQLiteConnection {
    func query(_ sql: MartletSQL.SQL) throws(MartletError) -> SQLRows {
        let statement = try self.statement(sql.sqlite.text)
        defer { statement.reset() }
        try statement.bind(sql.sqlite.bindings)
        var rows = SQLRows(columnCount: statement.columnCount)
        while try statement.step() {
            statement.appendRow(to: &rows)
            guard rows.byteCount <= Self.answerBytesMax || !self.deadline.isSet else { throw .answerTooLarge }
        }
        return rows
    }

    @discardableResult
    func execute(_ sql: MartletSQL.SQL) throws(MartletError) -> Int {
        let statement = try self.statement(sql.sqlite.text)
        defer { statement.reset() }
        try statement.bind(sql.sqlite.bindings)
        while try statement.step() {}
        return Int(sqlite3_changes64(self.handle))
    }

    func execute(_ batch: SQLBatch) throws(MartletError) {
        try self.statement(batch.text).run(batch)
    }

    /// Stops whatever runs in `body` when it takes longer than `duration` or answers with more than fits.
    func limit<Value>(to duration: Duration, _ body: () -> Value) -> Value {
        self.deadline.instant = .now.advanced(by: duration)
        defer { self.deadline.instant = nil }
        return body()
    }

    /// Copies what the WAL holds into the database file when it has grown by `pages` since the last time.
    ///
    /// Usually as far as readers allow, and the WAL starts over at the next commit for which none needs its old
    /// content. When readers are always busy that never comes, and the WAL would grow for ever: at eight times the
    /// size this waits for them. It can, because it holds back writers meanwhile, so that every new reader already
    /// sees the newest state and only the present ones are waited for.
    func checkpoint(every pages: Int) throws(MartletError) {
        let length = self.walLength.pages
        if length < self.walPagesAtCheckpoint { self.walPagesAtCheckpoint = 0 }
        guard length >= self.walPagesAtCheckpoint + pages else { return }
        self.walPagesAtCheckpoint = length
        let mode = length >= 8 * pages ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE
        let result = sqlite3_wal_checkpoint_v2(self.handle, nil, mode, nil, nil)
        guard result == SQLITE_OK else { throw MartletError(sqlite: self.handle) }
    }

    private func watchWAL() {
        sqlite3_wal_hook(
            self.handle,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<WALLength>.fromOpaque(context).takeUnretainedValue().pages = Int(pages)
                return SQLITE_OK
            },
            Unmanaged.passUnretained(self.walLength).toOpaque()
        )
    }

    private func watchDeadline() {
        // Looking at the clock costs as much as a few of these instructions of SQLite's virtual machine.
        let instructions: Int32 = 10_000
        sqlite3_progress_handler(
            self.handle,
            instructions,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Deadline>.fromOpaque(context).takeUnretainedValue().hasPassed ? 1 : 0
            },
            Unmanaged.passUnretained(self.deadline).toOpaque()
        )
    }

    private func statement(_ text: String) throws(MartletError) -> SQLiteStatement {
        if let statement = self.statements[text] { return statement }
        return self.statements.insert(try self.prepare(text), for: text)
    }

    private func statement(_ text: StaticString) throws(MartletError) -> SQLiteStatement {
        if let statement = self.statements[text] { return statement }
        let statement = try self.prepare(text.description)
        self.statements[text] = statement
        return statement
    }

    private func prepare(_ text: String) throws(MartletError) -> SQLiteStatement {
        do {
            let statement = try self.queue.unsafeReentrantWrite { db in try db.makeStatement(sql: text) }
            return SQLiteStatement(statement, connection: self.handle)
        } catch {
            throw MartletError(translating: error)
        }
    }
}

extension SQLiteConnection: GroupingConnection {
    var isInsideTransaction: Bool { sqlite3_get_autocommit(self.handle) == 0 }

    /// Nobody else writes, so that every scope is the same.
    func begin(_ scopes: [WriteScope]) throws(MartletError) { try self.execute("BEGIN IMMEDIATE") }

    /// Every statement has said at once what became of it.
    func settle() {}

    func commit() throws(MartletError) { try self.execute("COMMIT") }

    func rollBack() {
        // Should this fail, the next BEGIN does, and its writers are told.
        if self.isInsideTransaction { _ = try? self.execute("ROLLBACK") }
    }

    func openSavepoint() throws(MartletError) { try self.execute("SAVEPOINT request") }
    func rollBackToSavepoint() throws(MartletError) { try self.execute("ROLLBACK TO request") }
    func releaseSavepoint() throws(MartletError) { try self.execute("RELEASE request") }
}

/// What SQLite's progress handler looks at. The connection owns it and outlives the handler.
private final class Deadline {
    /// `nil` when anything may take as long as it needs.
    var instant: ContinuousClock.Instant?

    var isSet: Bool { self.instant != nil }
    var hasPassed: Bool { self.instant.map { $0 < .now } ?? false }
}

/// What SQLite's commit hook writes to. The connection owns it and outlives the hook.
private final class WALLength {
    var pages = 0
}
