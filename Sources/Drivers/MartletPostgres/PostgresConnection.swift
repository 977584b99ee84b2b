import CPostgres
import MartletCore
import MartletSQL

/// One connection to the server, opened when it is first needed and again after it has broken.
///
/// `@unchecked Sendable`: used by one thread at a time, which ``ConnectionLane`` guarantees by handing it out and
/// taking it back.
final class PostgresConnection: @unchecked Sendable {
    /// What one query of a client may return: a million points of a metric, but not all that a server has.
    private static let answerBytesMax = 256 << 20
    /// How much longer than the server is allowed to take it is waited for.
    static let grace = Duration.seconds(3)
    private static let oldestServer: Int32 = 140_000
    /// How many seconds connecting to a server may take, when there is time for it.
    private static let connectSeconds: ClosedRange<Int64> = 2...5

    private let settings: PostgresSettings
    private let role: SessionRole
    private var session: Session?
    /// When the work of the present caller must be over.
    private var limit: ContinuousClock.Instant?
    /// Until when the present caller waits for a server.
    private(set) var patienceEnd = ContinuousClock.now

    /// What is lost with a connection.
    private struct Session {
        let link: PostgresLink
        /// `nil` until the first write.
        var writes: WriteSession?
        var statements = PreparedStatements()
    }

    init(_ settings: PostgresSettings, role: SessionRole) {
        self.settings = settings
        self.role = role
    }

    var isInsideTransaction: Bool { self.session?.link.isInsideTransaction ?? false }
    var writeSession: WriteSession? {
        get { self.session?.writes }
        set { self.session?.writes = newValue }
    }
    var hasConnection: Bool { self.session != nil }
    /// Each statement has a limit of its own on the server; this is for one that does not answer.
    var durationOfWrites: Duration? { self.role == .patient ? nil : self.settings.duration * 2 }

    /// Lets go of the server; the next ``open(until:)`` connects anew.
    func close() {
        self.session = nil
    }

    /// Makes sure that there is a connection; while there is no server, tries again and again.
    func open(until deadline: ContinuousClock.Instant) throws(MartletError) {
        self.patienceEnd = deadline
        var retries = Retries(until: deadline)
        while true {
            do throws(MartletError) {
                return try self.openOnce(until: deadline)
            } catch {
                guard error.isPassing, retries.wait() else { throw error }
            }
        }
    }

    /// Makes sure that there is a connection, with one attempt.
    func openOnce(until deadline: ContinuousClock.Instant) throws(MartletError) {
        guard self.session == nil else { return }
        let remaining = ContinuousClock.now.duration(to: deadline).components.seconds
        let seconds = min(max(remaining, Self.connectSeconds.lowerBound), Self.connectSeconds.upperBound)
        let link = try PostgresLink.connect(self.settings.connectionString, within: Int(seconds))
        guard link.serverVersion >= Self.oldestServer else {
            throw MartletError(.unsupported, "the database must be PostgreSQL 14 or newer")
        }
        guard link.parameter("server_encoding") == "UTF8" else {
            throw MartletError(.unsupported, "the database must have been made with the encoding UTF8")
        }
        link.deadline = .now.advanced(by: self.settings.patience)
        try link.send(self.role.setUp(duration: self.settings.duration))
        _ = try link.receive()
        self.session = Session(link: link)
    }
}

extension PostgresConnection: Connection {
    func query(_ sql: SQL) throws(MartletError) -> SQLRows {
        try self.answer(to: sql.postgres).rows
    }

    @discardableResult
    func execute(_ sql: SQL) throws(MartletError) -> Int {
        try self.answer(to: sql.postgres).end?.changedRowCount ?? 0
    }

    func query(all statements: [SQL]) throws(MartletError) -> [SQLRows] {
        // Those that are not kept share one name, and so take turns.
        guard statements.allSatisfy({ $0.postgres.text.utf8.count <= PreparedStatements.textBytesMax }) else {
            return try statements.map { sql throws(MartletError) in try self.query(sql) }
        }
        // Before anything is sent: what the server says of a new statement must be read at once.
        let prepared = try statements.map { sql throws(MartletError) in try self.prepared(sql.postgres.text) }
        try self.bringForwardLimit()
        for (sql, statement) in zip(statements, prepared) { try self.send(statement, sql.postgres.bindings) }
        return try self.receive(last: statements.count).map(\.rows)
    }

    /// Sends a statement whose answer says nothing but whether it failed.
    func send(prepared sql: SQL) throws(MartletError) {
        let statement = try self.prepared(sql.postgres.text)
        try self.send(statement, sql.postgres.bindings, keepsResult: false)
    }

    private func answer(to sql: RenderedSQL) throws(MartletError) -> PostgresAnswer {
        let statement = try self.prepared(sql.text)
        try self.bringForwardLimit()
        try self.send(statement, sql.bindings)
        guard let answer = try self.receive() else { throw .databaseIsSilent }
        return answer
    }

    func send(
        _ statement: PreparedStatement,
        _ values: [SQLValue],
        keepsResult: Bool = true
    ) throws(MartletError) {
        precondition(
            values.count == statement.parameterTypes.count,
            "a statement has another number of bindings than values"
        )
        var parameters = PostgresParameters()
        for (value, type) in zip(values, statement.parameterTypes) { try parameters.append(value, as: type) }
        try self.send(statement, parameters, keepsResult: keepsResult)
    }

    private func prepared(_ text: String) throws(MartletError) -> PreparedStatement {
        if let statement = self.session?.statements.use(text) { return statement }
        let isKept = text.utf8.count <= PreparedStatements.textBytesMax
        let statement = try self.prepare(text, isKept: isKept)
        if isKept, let forgotten = self.session?.statements.insert(statement, for: text) {
            try self.send("DEALLOCATE \(forgotten.name)")
        }
        return statement
    }

    func prepared(_ batch: SQLBatch) throws(MartletError) -> PreparedBatch {
        if let statements = self.session?.statements[batch: batch.text] { return statements }
        let text = batch.text.description
        let single = try self.prepare(text, isKept: true)
        let insert = ArrayInsert(text, constants: batch.constants.count, types: single.parameterTypes)
        let several = try insert.map { insert throws(MartletError) in
            (insert, try self.prepare(insert.text, isKept: true))
        }
        let statements = PreparedBatch(single: single, several: several)
        self.session?.statements[batch: batch.text] = statements
        return statements
    }

    /// The server has one statement without a name, for those that are not kept.
    private func prepare(_ text: String, isKept: Bool) throws(MartletError) -> PreparedStatement {
        let name = isKept ? self.session?.statements.newName() ?? "" : ""
        try self.using { link throws(MartletError) in try link.prepare(NumberedText.numbering(text), as: name) }
        return PreparedStatement(name: name, parameterTypes: try self.receive()?.end?.parameterTypes ?? [])
    }
}

extension PostgresConnection {
    /// Runs `body` in one snapshot, and stops it when it takes longer than `duration`.
    func snapshot<Value>(
        for duration: Duration?,
        _ body: (any Connection) throws(MartletError) -> Value
    ) throws(MartletError) -> Value {
        self.setLimit(duration)
        try self.send(prepared: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let result: Result<Value, MartletError>
        do throws(MartletError) { result = .success(try body(self)) } catch { result = .failure(error) }
        // Nobody needs to wait for the end of what has changed nothing. If it is lost, so is the connection, which
        // whoever comes next finds out.
        if self.session != nil {
            try self.send("COMMIT")
            try self.using { link throws(MartletError) in try link.leave() }
        }
        return try result.get()
    }

    /// Says how long the work that follows may take; any time without `duration`.
    func setLimit(_ duration: Duration?) {
        self.limit = duration.map { .now.advanced(by: $0) }
        self.session?.link.deadline = self.limit?.advanced(by: Self.grace)
        self.session?.link.answerBytesMax = duration == nil ? .max : Self.answerBytesMax
    }

    /// Each statement of a read may take as long as all together, unless the first ones have used up a part of it.
    private func bringForwardLimit() throws(MartletError) {
        guard self.role == .reader, let limit else { return }
        let remaining = ContinuousClock.now.duration(to: limit)
        guard remaining < self.settings.duration * 7 / 8 else { return }
        guard remaining > .zero else { throw .tooSlow }
        try self.send("SET LOCAL statement_timeout = \(max(1, remaining.milliseconds))")
    }

    func send(_ text: String, keepsResult: Bool = false) throws(MartletError) {
        try self.using { link throws(MartletError) in try link.send(text, keepsResult: keepsResult) }
    }

    func send(
        _ statement: PreparedStatement,
        _ parameters: PostgresParameters,
        keepsResult: Bool
    ) throws(MartletError) {
        try self.using { link throws(MartletError) in
            try link.send(statement, parameters, keepsResult: keepsResult)
        }
    }

    /// Sends what has gathered and returns the last answer that was to be kept.
    @discardableResult
    func receive() throws(MartletError) -> PostgresAnswer? {
        try self.receive(last: 1).last
    }

    private func receive(last count: Int) throws(MartletError) -> ArraySlice<PostgresAnswer> {
        try self.using { link throws(MartletError) in
            try link.receive().suffix(count)
        }
    }

    /// Lets go of the connection when `body` finds that it is of no use any more.
    private func using<Value>(
        _ body: (PostgresLink) throws(MartletError) -> Value
    ) throws(MartletError) -> Value {
        guard let link = self.session?.link else { throw .connectionLost("the connection is closed") }
        do throws(MartletError) {
            return try body(link)
        } catch {
            if error.endsConnection { self.close() }
            throw error
        }
    }
}
