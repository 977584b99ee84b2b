import MartletCore

/// PostgreSQL's own words, for the log and for deciding whether to try again.
struct PostgresMessage: Error, CustomStringConvertible {
    /// `nil` for what libpq says of its own accord.
    var state: String?
    var text: String
    /// Whether the connection is of no use any more.
    var isLoss = false

    var description: String { "PostgreSQL \(self.state ?? "connection"): \(self.text)" }
}

extension MartletError {
    /// Reads the error that a statement ended with.
    init(postgres result: PostgresResult) {
        let state = result.errorField(.state) ?? ""
        let message = result.errorField(.message) ?? "unknown error"
        self.init(
            sqlState: state,
            constraint: result.errorField(.constraint) ?? message,
            cause: PostgresMessage(state: state, text: message, isLoss: Self.endsConnection(state))
        )
    }

    /// The one place that knows PostgreSQL's error codes.
    private init(sqlState: String, constraint: String, cause: PostgresMessage) {
        switch sqlState {
        case "23505": self.init(.alreadyExists, "it exists already", constraint: constraint, cause: cause)
        case "23503":
            self.init(.notFound, "something it refers to does not exist", constraint: constraint, cause: cause)
        // Checks and NOT NULL; texts that are no value of the column's type, numbers out of range.
        case "23514", "23502", "22P02", "22003", "22007", "22008", "22021", "22P05", "42804":
            self.init(.invalidArgument, "a value is not acceptable", constraint: constraint, cause: cause)
        case "53100": self.init(.storageFull, "the database's disk is full; nothing was changed", cause: cause)
        // A key that no index takes, a text or a row that no table takes.
        case "54000", "54001", "22001": self.init(.limitExceeded, "a name or a value is too long", cause: cause)
        case "53200": self.init(.limitExceeded, "the database lacks the memory for this; ask for less", cause: cause)
        case "57014": self.init(.limitExceeded, "this takes too long; ask for less", cause: cause)
        case "55P03", "40001", "40P01": self.init(.unavailable, "the database is busy", cause: cause)
        case "25006": self.init(.unavailable, "the database takes no writes at the moment", cause: cause)
        case "XX001", "XX002": self.init(.integrity, "the database is damaged", cause: cause)
        default: self.init(sqlStateClass: sqlState.prefix(2), cause: cause)
        }
    }

    private init(sqlStateClass: Substring, cause: PostgresMessage) {
        switch sqlStateClass {
        case "08", "53", "57", "58": self.init(.unavailable, "the database cannot be reached", cause: cause)
        case "28": self.init(.unavailable, "the database refuses the credentials that it was given", cause: cause)
        default: self.init(.internal, "database error", cause: cause)
        }
    }

    /// Whether the server has closed, or is no longer the one to write to.
    private static func endsConnection(_ state: String) -> Bool {
        ["57P01", "57P02", "57P03", "57P05", "25006", "25P03"].contains(state) || state.hasPrefix("08")
    }

    /// The connection is of no use any more, for a reason that libpq knows.
    static func connectionLost(_ text: String) -> MartletError {
        MartletError(
            .unavailable,
            "the database cannot be reached",
            cause: PostgresMessage(text: text, isLoss: true)
        )
    }

    /// The server has not answered for longer than it would take to refuse.
    static var databaseIsSilent: MartletError { .connectionLost("the server does not answer") }

    /// The connection broke during a commit, and nobody can say whether it took place.
    static func outcomeUnknown(_ cause: MartletError) -> MartletError {
        MartletError(
            .unavailable,
            "the connection to the database broke during the commit: look whether the change was made",
            cause: cause.cause
        )
    }

    /// The rest of the answer would have to be read before the connection could be used again.
    static var answerTooLarge: MartletError {
        let message = "the answer is too large; ask for it in pages"
        return MartletError(.limitExceeded, message, cause: PostgresMessage(text: message, isLoss: true))
    }

    static var tooSlow: MartletError { MartletError(.limitExceeded, "this takes too long; ask for less") }
    /// The patience of who asked has ended before there was a connection for it.
    static var noTurn: MartletError { MartletError(.unavailable, "the database does not answer, or is busy") }
    static var closed: MartletError { MartletError(.unavailable, "the server is shutting down") }

    /// Whether the connection that it came from must be given up.
    var endsConnection: Bool { (self.cause as? PostgresMessage)?.isLoss ?? false }

    /// Whether the same work may succeed when it is done again, and has had no effect so far.
    var isPassing: Bool {
        guard self.code == .unavailable, let message = self.cause as? PostgresMessage else { return false }
        return message.isLoss || message.state == "40001" || message.state == "40P01"
    }
}
