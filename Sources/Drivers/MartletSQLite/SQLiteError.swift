import GRDB
import GRDBSQLite
import MartletCore

extension MartletError {
    /// Reads the error that the connection's last call left behind.
    init(sqlite connection: OpaquePointer) {
        let message = String(cString: sqlite3_errmsg(connection))
        self.init(sqliteCode: sqlite3_extended_errcode(connection), message: message)
    }

    /// Translates what GRDB throws while it opens, prepares and closes.
    init(translating error: any Error) {
        switch error {
        case let error as MartletError: self = error
        case let error as DatabaseError:
            self.init(sqliteCode: error.extendedResultCode.rawValue, message: error.message ?? "")
        default: self.init(.internal, "database error", cause: error)
        }
    }

    /// The one place that knows SQLite's result codes.
    private init(sqliteCode code: Int32, message: String) {
        let cause = SQLiteMessage(code: code, text: message)
        switch code {
        case SQLiteCode.unique, SQLiteCode.primaryKey:
            self.init(.alreadyExists, "it exists already", constraint: message, cause: cause)
        case SQLiteCode.foreignKey:
            self.init(.notFound, "something it refers to does not exist", constraint: message, cause: cause)
        case SQLiteCode.check, SQLiteCode.notNull, SQLiteCode.datatype:
            self.init(.invalidArgument, "a value is not acceptable", constraint: message, cause: cause)
        // With a full disk SQLite may fail to grow its shared-memory or WAL file and say no more than this.
        case SQLiteCode.write, SQLiteCode.fsync, SQLiteCode.truncate, SQLiteCode.sharedMemorySize:
            self.init(.storageFull, "the disk cannot be written", cause: cause)
        default:
            self.init(sqlitePrimaryCode: code & 0xFF, cause: cause)
        }
    }

    private init(sqlitePrimaryCode code: Int32, cause: SQLiteMessage) {
        switch code {
        case SQLITE_FULL: self.init(.storageFull, "the disk is full; nothing was changed", cause: cause)
        case SQLITE_BUSY, SQLITE_LOCKED: self.init(.unavailable, "the database is busy", cause: cause)
        case SQLITE_CANTOPEN: self.init(.unavailable, "the database cannot be opened", cause: cause)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self.init(.integrity, "the database is damaged", cause: cause)
        case SQLITE_INTERRUPT: self.init(.limitExceeded, "this takes too long; ask for less", cause: cause)
        case SQLITE_TOOBIG: self.init(.limitExceeded, "a value is too large", cause: cause)
        default: self.init(.internal, "database error", cause: cause)
        }
    }
}

extension MartletError {
    static var answerTooLarge: MartletError {
        MartletError(.limitExceeded, "the answer is too large; ask for it in pages")
    }
}

/// SQLite's own words, for the log.
private struct SQLiteMessage: Error, CustomStringConvertible {
    let code: Int32
    let text: String
    var description: String { "SQLite error \(self.code): \(self.text)" }
}

/// Extended result codes; their C macros are expressions that Swift does not import.
private enum SQLiteCode {
    static let check = SQLITE_CONSTRAINT | (1 << 8)
    static let foreignKey = SQLITE_CONSTRAINT | (3 << 8)
    static let notNull = SQLITE_CONSTRAINT | (5 << 8)
    static let primaryKey = SQLITE_CONSTRAINT | (6 << 8)
    static let unique = SQLITE_CONSTRAINT | (8 << 8)
    static let write = SQLITE_IOERR | (3 << 8)
    static let fsync = SQLITE_IOERR | (4 << 8)
    static let truncate = SQLITE_IOERR | (6 << 8)
    static let sharedMemorySize = SQLITE_IOERR | (19 << 8)
    static let datatype = SQLITE_CONSTRAINT | (12 << 8)
}
