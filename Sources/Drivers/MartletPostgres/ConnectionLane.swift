import MartletCore
import NIOCore
import NIOPosix
import Synchronization

/// Threads, and as many connections, for one kind of work, so that other kinds need not wait for it.
final class ConnectionLane: Sendable {
    /// A connection, or why there is none.
    typealias Turn = Result<PostgresConnection, MartletError>

    private struct Job {
        /// Until when its turn must have come; `nil` when it may wait as long as it takes.
        let deadline: ContinuousClock.Instant?
        let body: @Sendable (Turn) -> Void

        func isOverdue(at now: ContinuousClock.Instant) -> Bool { self.deadline.map { $0 <= now } ?? false }
    }

    private struct State {
        var idle: [PostgresConnection]
        var waiting = CircularBuffer<Job>()
    }

    private let threads: NIOThreadPool
    private let state: Mutex<State>
    private let sweeper = Sweeper()

    init(_ settings: PostgresSettings, role: SessionRole, threads count: Int) {
        self.state = Mutex(State(idle: (0..<count).map { _ in PostgresConnection(settings, role: role) }))
        self.threads = NIOThreadPool(numberOfThreads: count)
        self.threads.start()
    }

    /// Who lets go of a database without closing it keeps no threads and connections.
    deinit {
        self.threads.shutdownGracefully { _ in }
    }

    /// Runs `body` on a thread of its own with a connection, or without one when the server is shutting down or the
    /// turn has not come in time.
    func submit(until deadline: ContinuousClock.Instant? = nil, _ body: @escaping @Sendable (Turn) -> Void) {
        let mustWait = self.state.withLock { state in
            state.waiting.append(Job(deadline: deadline, body: body))
            return state.waiting.count > state.idle.count
        }
        self.threads.submit { state in self.runNext(isOpen: state == .active) }
        if mustWait { self.sweeper.start { self.failOverdue() } }
    }

    /// Does nothing where the job that it was called for is overdue.
    private func runNext(isOpen: Bool) {
        guard let job = self.state.withLock({ $0.waiting.popFirst() }) else { return }
        guard isOpen else { return job.body(.failure(.closed)) }
        guard !job.isOverdue(at: .now) else { return job.body(.failure(.noTurn)) }
        guard let connection = self.state.withLock({ $0.idle.popLast() }) else {
            preconditionFailure("there is a connection for each thread")
        }
        job.body(.success(connection))
        self.state.withLock { $0.idle.append(connection) }
    }

    /// Returns whether others still wait.
    private func failOverdue() -> Bool {
        let now = ContinuousClock.now
        let (overdue, isAwaited) = self.state.withLock { state in
            let overdue = state.waiting.filter { $0.isOverdue(at: now) }
            if !overdue.isEmpty { state.waiting.removeAll { $0.isOverdue(at: now) } }
            return (overdue, !state.waiting.isEmpty)
        }
        for job in overdue { job.body(.failure(.noTurn)) }
        return isAwaited
    }

    /// Waits for what is running, and closes the connections.
    func close() async throws(MartletError) {
        do {
            try await self.threads.shutdownGracefully()
        } catch {
            throw MartletError(.internal, "the database's threads did not stop", cause: error)
        }
        for connection in self.state.withLock({ $0.idle }) { connection.close() }
    }
}
