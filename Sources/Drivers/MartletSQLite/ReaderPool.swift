import MartletCore
import MartletSQL
import NIOPosix
import Synchronization

/// What reads may take.
package struct ReadLimits: Sendable {
    /// How many lookups may run at once.
    package var lookups: Int
    /// How many searches may run at once.
    package var searches: Int
    /// How long one read may take.
    package var duration: Duration

    package static let standard = ReadLimits(lookups: 2, searches: 3, duration: .seconds(30))

    package init(lookups: Int, searches: Int, duration: Duration) {
        self.lookups = lookups
        self.searches = searches
        self.duration = duration
    }
}

/// Read-only connections, each used by one thread at a time.
///
/// Lookups and searches have threads of their own, so that slow searches only hold up each other.
final class ReaderPool: Sendable {
    private let duration: Duration
    private let lookupThreads: NIOThreadPool
    private let searchThreads: NIOThreadPool
    private let idle: Mutex<[SQLiteConnection]>

    /// Opens as many connections as there are threads, so that no read ever has to.
    init(path: String, _ limits: ReadLimits) throws(MartletError) {
        self.duration = limits.duration
        var connections: [SQLiteConnection] = []
        for _ in 0..<limits.lookups + limits.searches {
            connections.append(try SQLiteConnection.open(path: path, role: .reader))
        }
        self.idle = Mutex(connections)
        self.lookupThreads = NIOThreadPool(numberOfThreads: limits.lookups)
        self.searchThreads = NIOThreadPool(numberOfThreads: limits.searches)
        self.lookupThreads.start()
        self.searchThreads.start()
    }

    func run<Value: Sendable>(
        _ extent: ReadExtent,
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let threads =
            switch extent {
            case .lookup: self.lookupThreads
            case .search, .inspection: self.searchThreads
            }
        let result: Result<Value, MartletError> = await withCheckedContinuation { continuation in
            threads.submit { state in
                continuation.resume(returning: state == .active ? self.snapshot(extent, body) : .failure(.closed))
            }
        }
        return try result.get()
    }

    /// Waits for running reads and closes the connections.
    func close() async throws(MartletError) {
        try await closeAll(self.stopLookups, self.stopSearches, self.closeIdle)
    }

    private func stopLookups() async throws(MartletError) { try await Self.stop(self.lookupThreads) }
    private func stopSearches() async throws(MartletError) { try await Self.stop(self.searchThreads) }

    /// Closes the connections that threads have given back: all of them, once no thread runs.
    private func closeIdle() async throws(MartletError) {
        guard let connection = self.idle.withLock({ $0.popLast() }) else { return }
        try await closeAll(connection.close, self.closeIdle)
    }

    private static func stop(_ threads: NIOThreadPool) async throws(MartletError) {
        do {
            try await threads.shutdownGracefully()
        } catch {
            throw MartletError(.internal, "the readers did not stop", cause: error)
        }
    }

    private func snapshot<Value>(
        _ extent: ReadExtent,
        _ body: (any Connection) throws(MartletError) -> Value
    ) -> Result<Value, MartletError> {
        guard let connection = self.idle.withLock({ $0.popLast() }) else {
            preconditionFailure("there is a connection for each thread")
        }
        defer { self.idle.withLock { $0.append(connection) } }
        return connection.exclusively {
            if extent == .inspection { return Self.snapshot(connection, body) }
            return connection.limit(to: self.duration) { Self.snapshot(connection, body) }
        }
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
