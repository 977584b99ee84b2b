import MartletCore
import MartletSQL
import NIOPosix

/// Lets many writers share one commit, and so one fsync.
///
/// All of a ``WriteGroup`` are answered after the commit, also the refused ones, because what they were refused for
/// may not have been durable before.
final class GroupCommit: Sendable {
    private let connection: SQLiteConnection
    private let walPagesPerCheckpoint: Int
    private let thread: NIOThreadPool
    private let queue = WriteQueue(threads: 1)

    init(connection: SQLiteConnection, walPagesPerCheckpoint: Int) {
        self.connection = connection
        self.walPagesPerCheckpoint = walPagesPerCheckpoint
        self.thread = NIOThreadPool(numberOfThreads: 1)
        self.thread.start()
    }

    func run<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await SuspendedWrite.run(.everything, body, submit: self.submit)
    }

    /// Waits for running writes and closes the connection.
    func close() async throws(MartletError) {
        do {
            try await self.thread.shutdownGracefully()
        } catch {
            throw MartletError(.internal, "the writer did not stop", cause: error)
        }
        try self.connection.close()
    }

    private func submit(_ write: any PendingWrite) {
        guard self.queue.append(write) else { return }
        self.thread.submit { state in
            state == .active ? self.drain() : self.refuseAll()
        }
    }

    /// Commits group after group until nobody waits.
    private func drain() {
        while let group = self.queue.nextGroup() {
            self.connection.exclusively {
                group.finish(group.commit(on: self.connection))
                self.checkpointIfDue()
            }
        }
    }

    private func refuseAll() {
        while let group = self.queue.nextGroup() {
            group.finish(.closed)
        }
    }

    private func checkpointIfDue() {
        // The WAL still holds everything; a later commit tries again.
        try? self.connection.checkpoint(every: self.walPagesPerCheckpoint)
    }
}
