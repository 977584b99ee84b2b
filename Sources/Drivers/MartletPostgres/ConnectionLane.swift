import MartletCore
import NIOPosix
import Synchronization

/// Threads, and as many connections, for one kind of work, so that other kinds need not wait for it.
final class ConnectionLane: Sendable {
    private let threads: NIOThreadPool
    private let idle: Mutex<[PostgresConnection]>

    init(_ settings: PostgresSettings, role: SessionRole, threads count: Int) {
        self.idle = Mutex((0..<count).map { _ in PostgresConnection(settings, role: role) })
        self.threads = NIOThreadPool(numberOfThreads: count)
        self.threads.start()
    }

    /// Who lets go of a database without closing it keeps no threads and connections.
    deinit {
        self.threads.shutdownGracefully { _ in }
    }

    /// Runs `body` on a thread of its own with a connection, or with `nil` when the server is shutting down.
    func submit(_ body: @escaping @Sendable (PostgresConnection?) -> Void) {
        self.threads.submit { state in
            guard state == .active else { return body(nil) }
            guard let connection = self.idle.withLock({ $0.popLast() }) else {
                preconditionFailure("there is a connection for each thread")
            }
            body(connection)
            self.idle.withLock { $0.append(connection) }
        }
    }

    /// Waits for what is running, and closes the connections.
    func close() async throws(MartletError) {
        do {
            try await self.threads.shutdownGracefully()
        } catch {
            throw MartletError(.internal, "the database's threads did not stop", cause: error)
        }
        for connection in self.idle.withLock({ $0 }) { connection.close() }
    }
}
