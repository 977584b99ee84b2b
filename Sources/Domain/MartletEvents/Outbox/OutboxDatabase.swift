package import MartletCore
package import MartletSQL

/// A database that rings a bell when a write is durable: it may have put something into the outbox.
///
/// For services that tell of what they change; a ring for nothing costs a look.
package struct OutboxDatabase: Database {
    private let database: any Database
    private let bell: OutboxBell

    package init(_ database: any Database, _ bell: OutboxBell) {
        self.database = database
        self.bell = bell
    }

    package func read<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await self.database.read(extent, body)
    }

    package func write<Value: Sendable>(
        _ scope: WriteScope,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let value = try await self.database.write(scope, body)
        self.bell.ring()
        return value
    }

    package func close() async throws(MartletError) { try await self.database.close() }
}
