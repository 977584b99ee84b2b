package import MartletCore
package import MartletSQL
import Synchronization

/// A database that tells how it would run the statements that went through it.
package final class ObservedDatabase: Database {
    package let product: TestProduct
    private let database: any Database
    private let statements = Mutex<[SQL]>([])

    /// A new one, with the tables of `migrations`.
    package init(_ migrations: [Migration], on product: TestProduct) async throws {
        self.product = product
        self.database = try await makeTestDatabase(migrations, on: product)
    }

    package func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.read(extent) { db throws(MartletError) in
            try body(ObservedConnection(connection: db, statement: { self.note($0) }))
        }
    }

    package func close() async throws(MartletError) { try await self.database.close() }

    package func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.write(scope) { db throws(MartletError) in
            try body(ObservedConnection(connection: db, statement: { self.note($0) }))
        }
    }

    /// Returns the lines of the plans of all statements that `body` has run, in their order.
    package func plan(of body: () async throws -> Void) async throws -> [String] {
        self.statements.withLock { $0.removeAll() }
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

    private func note(_ statement: SQL) {
        self.statements.withLock { $0.append(statement) }
    }
}

private struct ObservedConnection: Connection {
    let connection: any Connection
    let statement: (SQL) -> Void

    func query(_ sql: SQL) throws(MartletError) -> SQLRows {
        self.statement(sql)
        return try self.connection.query(sql)
    }

    func execute(_ sql: SQL) throws(MartletError) -> Int {
        self.statement(sql)
        return try self.connection.execute(sql)
    }

    func execute(_ batch: SQLBatch) throws(MartletError) {
        try self.connection.execute(batch)
    }
}
