package import MartletCore

/// A connection whose transactions carry the writes of several callers.
package protocol GroupingConnection: Connection {
    /// `false` also after an error so severe that the database has rolled the transaction back by itself.
    var isInsideTransaction: Bool { get }
    /// Begins a transaction in which writes of these scopes may run.
    func begin(_ scopes: [WriteScope]) throws(MartletError)
    /// Throws what went wrong with statements whose outcome has not been asked for yet.
    func settle() throws(MartletError)
    /// Returns when everything is durable.
    func commit() throws(MartletError)
    /// Gives the transaction up, if there is one.
    func rollBack()
    func openSavepoint() throws(MartletError)
    func rollBackToSavepoint() throws(MartletError)
    func releaseSavepoint() throws(MartletError)
}

/// Writes that share one transaction, and so one fsync.
///
/// When one of them throws, all are undone and run again, each in a savepoint of its own, so that it is undone alone:
/// savepoints are not free, and hardly any write throws.
package struct WriteGroup {
    /// At least one.
    private let writes: [any PendingWrite]

    package init(_ writes: [any PendingWrite]) {
        self.writes = writes
    }

    /// What the writes have to themselves.
    var keys: Set<WriteKey> { Set(self.writes.compactMap(\.scope.key)) }

    /// When the first and the last of the writes were asked for.
    package var askedAt: ClosedRange<ContinuousClock.Instant> {
        guard let first = self.writes.map(\.askedAt).min(), let last = self.writes.map(\.askedAt).max() else {
            preconditionFailure("a group has writes")
        }
        return first...last
    }

    /// Answers all callers.
    package func finish(_ failure: MartletError?) {
        for write in self.writes { write.finish(failure) }
    }

    /// Answers all callers but those whose failure `isPassing`: returns their writes, to be run again.
    package func finish(
        _ failure: MartletError?,
        unless isPassing: (any PendingWrite, MartletError) -> Bool
    ) -> WriteGroup? {
        let remaining = self.writes.filter { write in
            (failure ?? write.failure).map { isPassing(write, $0) } ?? false
        }
        for write in self.writes where !remaining.contains(where: { $0 === write }) { write.finish(failure) }
        return remaining.isEmpty ? nil : WriteGroup(remaining)
    }

    /// Returns why the whole group failed, or `nil` when each write's own result holds.
    package func commit(on connection: some GroupingConnection) -> MartletError? {
        do throws(MartletError) {
            try self.runAndCommit(on: connection)
            return nil
        } catch {
            connection.rollBack()
            return error
        }
    }

    private func runAndCommit(on connection: some GroupingConnection) throws(MartletError) {
        try connection.begin(self.writes.map(\.scope))
        if !self.performTogether(on: connection) {
            connection.rollBack()
            // Alone, it has failed for itself.
            if self.writes.count == 1 { return }
            try connection.begin(self.writes.map(\.scope))
            for write in self.writes { try Self.performInSavepoint(write, on: connection) }
        }
        try connection.commit()
    }

    private func performTogether(on connection: some GroupingConnection) -> Bool {
        guard self.writes.allSatisfy({ $0.perform(on: connection) }) else { return false }
        // What is still open of a lone write can fail together with its commit.
        if self.writes.count == 1 { return true }
        do throws(MartletError) {
            try connection.settle()
            return true
        } catch {
            return false
        }
    }

    /// Throws when the write's error was such that the database has rolled the whole group back.
    private static func performInSavepoint(
        _ write: any PendingWrite,
        on connection: some GroupingConnection
    ) throws(MartletError) {
        try connection.openSavepoint()
        if write.perform(on: connection) {
            do throws(MartletError) { try connection.settle() } catch { write.fail(error) }
        }
        if let failure = write.failure {
            guard connection.isInsideTransaction else { throw failure }
            try connection.rollBackToSavepoint()
        }
        try connection.releaseSavepoint()
    }
}
