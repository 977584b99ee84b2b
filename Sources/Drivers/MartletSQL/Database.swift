package import MartletCore

/// A database that can run transactions. One conformance per SQL product.
///
/// The bodies are synchronous on purpose: a transaction that cannot suspend cannot be held open
/// across a network call. They run on a thread of the driver, never on an event loop.
///
/// A body must have no effect but on the connection that it is given, and may run again after all that it did was
/// undone; only what its last run returned or threw counts.
package protocol Database: Sendable {
    /// Runs `body` in one snapshot: every query in it sees the same state.
    ///
    /// - Throws: What `body` throws; `limitExceeded` when it takes longer, or one query returns more, than the
    ///   driver grants.
    func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value

    /// Runs `body` and returns when what it changed is durable; meanwhile nobody changes what `scope` covers.
    /// Every statement of it sees all that was committed before.
    ///
    /// When `body` throws, nothing that it did remains. The driver may commit several callers'
    /// bodies together; each still fails or succeeds on its own, and none returns before the commit.
    @discardableResult
    func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value

    /// Waits for running work, then lets go of the database. Nothing is to be asked of it afterwards.
    func close() async throws(MartletError)
}

extension Database {
    /// Runs a ``ReadExtent/lookup`` in one snapshot.
    package func read<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.read(.lookup, body)
    }

    /// Runs a write of ``WriteScope/everything``.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.write(.everything, body)
    }
}

/// How much a read may have to look at. Drivers keep room for lookups, however many searches there are.
package enum ReadExtent: Sendable, CaseIterable {
    /// What is known by its key, or little more.
    case lookup
    /// Whatever a client can think of.
    case search
    /// All there is, for as long as it takes: nothing to do for a client.
    case inspection
}

/// One open connection, valid only inside the body that received it.
package protocol Connection {
    func query(_ sql: SQL) throws(MartletError) -> SQLRows

    /// Answers several queries, none of which depends on another's answer: in one round trip where there are any.
    func query(all statements: [SQL]) throws(MartletError) -> [SQLRows]

    /// Returns the number of rows changed.
    @discardableResult
    func execute(_ sql: SQL) throws(MartletError) -> Int

    func execute(_ batch: SQLBatch) throws(MartletError)

    /// As ``execute(_:)-(SQLBatch)``, but what goes wrong may be told by a later statement, or when the write ends.
    ///
    /// Spares a round trip where nothing is decided by the batch's success.
    func executeLater(_ batch: SQLBatch) throws(MartletError)
}

extension Connection {
    package func query(all statements: [SQL]) throws(MartletError) -> [SQLRows] {
        try statements.map { statement throws(MartletError) in try self.query(statement) }
    }

    package func executeLater(_ batch: SQLBatch) throws(MartletError) {
        try self.execute(batch)
    }

    package func queryOne(_ sql: SQL) throws(MartletError) -> SQLRow? {
        try self.query(sql).first
    }
}
