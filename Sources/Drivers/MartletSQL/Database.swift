package import MartletCore

/// A database that can run transactions. One conformance per SQL product.
///
/// The bodies are synchronous on purpose: a transaction that cannot suspend cannot be held open
/// across a network call. They run on a thread of the driver, never on a cooperative one.
///
/// A body may not be retried: it runs exactly once. It must have no effect but on the connection
/// that it is given.
package protocol Database: Sendable {
    /// Runs `body` in one snapshot: every query in it sees the same state.
    func read<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value

    /// Runs `body` and returns when what it changed is durable.
    ///
    /// When `body` throws, nothing that it did remains. The driver may commit several callers'
    /// bodies together; each still fails or succeeds on its own, and none returns before the commit.
    @discardableResult
    func write<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value
}

/// One open connection, valid only inside the body that received it.
package protocol Connection {
    func query(_ sql: SQL) throws(MartletError) -> SQLRows

    /// Returns the number of rows changed.
    @discardableResult
    func execute(_ sql: SQL) throws(MartletError) -> Int

    func execute(_ batch: SQLBatch) throws(MartletError)
}

extension Connection {
    package func queryOne(_ sql: SQL) throws(MartletError) -> SQLRow? {
        try self.query(sql).first
    }
}
