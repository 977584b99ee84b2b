import Synchronization

/// Writes that wait for threads to commit them, group after group.
///
/// Those that arrive while a commit is under way wait together and become the next one: under load groups form by
/// themselves, and a lone caller waits for nobody.
///
/// Writes of one key are never in two groups at once: the second would hold a thread only to wait for the first.
package final class WriteQueue: Sendable {
    /// Bounds how long the first of a group waits for the last.
    fileprivate static let writesPerGroupMax = 256

    fileprivate struct State {
        var waiting: [any PendingWrite] = []
        var activeThreads = 0
        /// Of groups that are being committed.
        var keys: Set<WriteKey> = []
    }

    private let threadsMax: Int
    private let state = Mutex(State())

    /// - Parameter threads: How many may commit at the same time.
    package init(threads: Int) {
        self.threadsMax = threads
    }

    /// Returns whether the caller must have another thread call ``nextGroup(after:)`` until it returns `nil`.
    package func append(_ write: any PendingWrite) -> Bool {
        self.state.withLock { state in
            state.waiting.append(write)
            guard state.isFree(write), state.activeThreads < self.threadsMax else { return false }
            state.activeThreads += 1
            return true
        }
    }

    /// Takes those that wait since before an instant, for whom it is no use any more.
    ///
    /// - Returns: Whether others still wait, too.
    package func takeWrites(
        askedBefore start: ContinuousClock.Instant
    ) -> (overdue: [any PendingWrite], isAwaited: Bool) {
        self.state.withLock { state in
            let overdue = state.waiting.filter { $0.askedAt < start }
            if !overdue.isEmpty { state.waiting.removeAll { $0.askedAt < start } }
            return (overdue, !state.waiting.isEmpty)
        }
    }

    /// Takes a fair share of those that wait; with `nil` the thread's work is over.
    ///
    /// - Parameter previous: The group that the thread took last, which is over.
    package func nextGroup(after previous: WriteGroup? = nil) -> WriteGroup? {
        self.state.withLock { state in
            state.keys.subtract(previous?.keys ?? [])
            let writes = state.takeShare()
            guard !writes.isEmpty else {
                state.activeThreads -= 1
                return nil
            }
            let group = WriteGroup(writes)
            state.keys.formUnion(group.keys)
            return group
        }
    }
}

extension WriteQueue.State {
    fileprivate func isFree(_ write: any PendingWrite) -> Bool {
        write.scope.key.map { !self.keys.contains($0) } ?? true
    }

    /// Takes what may run, in its order: as much as is fair to the other threads that are at it, and whatever else
    /// there is of the same keys, which would have to wait for it.
    fileprivate mutating func takeShare() -> [any PendingWrite] {
        let share = (self.waiting.count(where: self.isFree) + self.activeThreads - 1) / self.activeThreads
        var taken: [any PendingWrite] = []
        var rest: [any PendingWrite] = []
        var takenKeys: Set<WriteKey> = []
        for write in self.waiting {
            let joins = write.scope.key.map(takenKeys.contains) ?? false
            guard self.isFree(write), joins || taken.count < share, taken.count < WriteQueue.writesPerGroupMax else {
                rest.append(write)
                continue
            }
            taken.append(write)
            if let key = write.scope.key { takenKeys.insert(key) }
        }
        self.waiting = rest
        return taken
    }
}
