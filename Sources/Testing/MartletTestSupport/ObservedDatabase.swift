package import MartletCore
package import MartletSQL
import Synchronization

/// A database that counts the statements that went through it, and tells how it would run them.
package final class ObservedDatabase: Database {
    package let product: TestProduct
    private let database: any Database
    private let statements = Mutex<[SQL]>([])
    private let batchCount = Mutex(0)

    /// - Parameter database: Where the statements go.
    package init(_ database: any Database, on product: TestProduct = .chosen) {
        self.product = product
        self.database = database
    }

    /// A new one, with the tables of `migrations`.
    package convenience init(_ migrations: [Migration], on product: TestProduct) async throws {
        self.init(try await makeTestDatabase(migrations, on: product), on: product)
    }

    package func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.read(extent) { db throws(MartletError) in
            try body(self.observed(db))
        }
    }

    package func close() async throws(MartletError) { try await self.database.close() }

    package func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.write(scope) { db throws(MartletError) in
            try body(self.observed(db))
        }
    }

    /// Returns the lines of the plans of all statements that `body` has run, in their order.
    package func plan(of body: () async throws -> Void) async throws -> [String] {
        self.reset()
        try await body()
        let statements = self.statements.withLock { $0 }
        return try await self.database.read { db throws(MartletError) in
            var lines: [String] = []
            for statement in statements {
                switch self.product {
                case .sqlite: lines += try db.query("EXPLAIN QUERY PLAN \(statement)").map { $0.text(3) }
                case .postgres: lines += try db.query("EXPLAIN (COSTS OFF) \(statement)").map { $0.text(0) }
                }
            }
            return lines
        }
    }

    /// Returns how many statements `body` has run; a batch is one.
    package func count(of body: () async throws -> Void) async throws -> Int {
        self.reset()
        try await body()
        return self.statements.withLock(\.count) + self.batchCount.withLock(\.self)
    }

    private func reset() {
        self.statements.withLock { $0.removeAll() }
        self.batchCount.withLock { $0 = 0 }
    }

    private func observed(_ connection: any Connection) -> ObservedConnection {
        ObservedConnection(
            connection: connection,
            statement: { statement in self.statements.withLock { $0.append(statement) } },
            batch: { self.batchCount.withLock { $0 += 1 } }
        )
    }
}

private struct ObservedConnection: Connection {
    let connection: any Connection
    let statement: (SQL) -> Void
    let batch: () -> Void

    func query(_ sql: SQL) throws(MartletError) -> SQLRows {
        self.statement(sql)
        return try self.connection.query(sql)
    }

    func execute(_ sql: SQL) throws(MartletError) -> Int {
        self.statement(sql)
        return try self.connection.execute(sql)
    }

    func execute(_ batch: SQLBatch) throws(MartletError) {
        self.batch()
        try self.connection.execute(batch)
    }
}
