import MartletCore
import MartletSQL
import NIOPosix
import Synchronization

/// Read-only connections, opened when they are first needed, each used by one thread at a time.
final class ReaderPool: Sendable {
    private let path: String
    private let threads: NIOThreadPool
    private let idle = Mutex<[SQLiteConnection]>([])

    init(path: String, connectionsMax: Int) {
        self.path = path
        self.threads = NIOThreadPool(numberOfThreads: connectionsMax)
        self.threads.start()
    }

    func run<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let result: Result<Value, MartletError> = await withCheckedContinuation { continuation in
            self.threads.submit { state in
                continuation.resume(returning: state == .active ? self.snapshot(body) : .failure(.closed))
            }
        }
        return try result.get()
    }

    /// Waits for running reads and closes the connections.
    func close() async throws(MartletError) {
        do {
            try await self.threads.shutdownGracefully()
        } catch {
            throw MartletError(.internal, "the readers did not stop", cause: error)
        }
        while let connection = self.idle.withLock({ $0.popLast() }) {
            try connection.close()
        }
    }

    private func takeConnection() throws(MartletError) -> SQLiteConnection {
        if let connection = self.idle.withLock({ $0.popLast() }) { return connection }
        return try SQLiteConnection.open(path: self.path, role: .reader)
    }

    private func snapshot<Value>(
        _ body: (any Connection) throws(MartletError) -> Value
    ) -> Result<Value, MartletError> {
        let connection: SQLiteConnection
        do throws(MartletError) {
            connection = try self.takeConnection()
        } catch {
            return .failure(error)
        }
        defer { self.idle.withLock { $0.append(connection) } }
        return connection.exclusively { Self.snapshot(connection, body) }
    }

    private static func snapshot<Value>(
        _ connection: SQLiteConnection,
        _ body: (any Connection) throws(MartletError) -> Value
    ) -> Result<Value, MartletError> {
        do throws(MartletError) {
            try connection.execute("BEGIN")
            let value = try body(connection)
            try connection.execute("COMMIT")
            return .success(value)
        } catch {
            // A read-only transaction has nothing to lose; the first error is the one to tell.
            if connection.isInsideTransaction { _ = try? connection.execute("ROLLBACK") }
            return .failure(error)
        }
    }
}

extension MartletError {
    static var closed: MartletError { MartletError(.unavailable, "the server is shutting down") }
}
