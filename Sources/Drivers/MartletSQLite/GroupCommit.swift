import MartletCore
import MartletSQL
import NIOPosix
import Synchronization

/// Lets many writers share one commit, and so one fsync.
///
/// Writes that arrive while a commit is under way wait together and become the next one. When one of
/// them throws, all are undone and run again, each in a savepoint of its own, so that it is undone alone:
/// savepoints copy every page that they change, and hardly any write throws. All are answered after the
/// commit, also the refused ones, because what they were refused for may not have been durable before.
final class GroupCommit: Sendable {
    /// Bounds how long the first of a group waits for the last.
    private static let writesPerCommitMax = 256
    private struct Waiting {
        var writes: [any PendingWrite] = []
        var isDraining = false
    }

    private let connection: SQLiteConnection
    private let walPagesPerCheckpoint: Int
    private let thread: NIOThreadPool
    private let waiting = Mutex(Waiting())

    init(connection: SQLiteConnection, walPagesPerCheckpoint: Int) {
        self.connection = connection
        self.walPagesPerCheckpoint = walPagesPerCheckpoint
        self.thread = NIOThreadPool(numberOfThreads: 1)
        self.thread.start()
    }

    func run<Value: Sendable>(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        let result: Result<Value, MartletError> = await withCheckedContinuation { continuation in
            self.submit(Write(body: body, continuation: continuation))
        }
        return try result.get()
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
        let mustWake = self.waiting.withLock { waiting in
            waiting.writes.append(write)
            defer { waiting.isDraining = true }
            return !waiting.isDraining
        }
        if mustWake {
            self.thread.submit { state in
                state == .active ? self.drain() : self.refuseAll()
            }
        }
    }

    /// Commits group after group until nobody waits.
    private func drain() {
        while let group = self.nextGroup() {
            self.connection.exclusively {
                let failure = self.commit(group)
                for write in group { write.finish(failure) }
                self.checkpointIfDue()
            }
        }
    }

    private func refuseAll() {
        while let group = self.nextGroup() {
            for write in group { write.finish(.closed) }
        }
    }

    private func nextGroup() -> [any PendingWrite]? {
        self.waiting.withLock { waiting in
            guard !waiting.writes.isEmpty else {
                waiting.isDraining = false
                return nil
            }
            let group = Array(waiting.writes.prefix(Self.writesPerCommitMax))
            waiting.writes.removeFirst(group.count)
            return group
        }
    }

    /// Returns why the whole group failed, or `nil` when each write's own result holds.
    private func commit(_ group: [any PendingWrite]) -> MartletError? {
        do throws(MartletError) {
            try self.connection.execute("BEGIN IMMEDIATE")
            if !group.allSatisfy({ $0.perform(on: self.connection) }) {
                if self.connection.isInsideTransaction { try self.connection.execute("ROLLBACK") }
                if group.count == 1 { return nil }
                try self.connection.execute("BEGIN IMMEDIATE")
                for write in group {
                    guard try self.performInSavepoint(write) else { return write.failure }
                }
            }
            try self.connection.execute("COMMIT")
            return nil
        } catch {
            if self.connection.isInsideTransaction {
                // Should even this fail, the next BEGIN does, and its writers are told.
                _ = try? self.connection.execute("ROLLBACK")
            }
            return error
        }
    }

    /// Returns `false` when the write's error was such that SQLite has rolled the whole group back.
    private func performInSavepoint(_ write: any PendingWrite) throws(MartletError) -> Bool {
        try self.connection.execute("SAVEPOINT request")
        if !write.perform(on: self.connection) {
            guard self.connection.isInsideTransaction else { return false }
            try self.connection.execute("ROLLBACK TO request")
        }
        try self.connection.execute("RELEASE request")
        return true
    }

    private func checkpointIfDue() {
        // The WAL still holds everything; a later commit tries again.
        try? self.connection.checkpoint(every: self.walPagesPerCheckpoint)
    }
}

extension GroupCommit {
    /// A write whose result type is known only to itself.
    private protocol PendingWrite: Sendable, AnyObject {
        /// Returns whether the body succeeded.
        func perform(on connection: any Connection) -> Bool
        var failure: MartletError? { get }
        /// Answers the caller: with its own result, or with what made the whole group fail.
        func finish(_ groupFailure: MartletError?)
    }

    /// `@unchecked Sendable`: handed from the caller to the writer thread once, then used only there.
    private final class Write<Value: Sendable>: PendingWrite, @unchecked Sendable {
        private let body: @Sendable (any Connection) throws(MartletError) -> Value
        private let continuation: CheckedContinuation<Result<Value, MartletError>, Never>
        private var result: Result<Value, MartletError>?

        init(
            body: @Sendable @escaping (any Connection) throws(MartletError) -> Value,
            continuation: CheckedContinuation<Result<Value, MartletError>, Never>
        ) {
            self.body = body
            self.continuation = continuation
        }

        func perform(on connection: any Connection) -> Bool {
            do throws(MartletError) {
                self.result = .success(try self.body(connection))
                return true
            } catch {
                self.result = .failure(error)
                return false
            }
        }

        var failure: MartletError? {
            if case .failure(let error) = self.result { error } else { nil }
        }

        func finish(_ groupFailure: MartletError?) {
            if let groupFailure {
                self.continuation.resume(returning: .failure(groupFailure))
            } else if let result {
                self.continuation.resume(returning: result)
            } else {
                preconditionFailure("a write was finished without having been performed")
            }
        }
    }
}
