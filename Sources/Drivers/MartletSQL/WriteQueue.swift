import Synchronization

/// Writes that wait for threads to commit them, group after group.
///
/// Those that arrive while a commit is under way wait together and become the next one: under load groups form by
/// themselves, and a lone caller waits for nobody.
package final class WriteQueue: Sendable {
    /// Bounds how long the first of a group waits for the last.
    private static let writesPerGroupMax = 256

    private struct State {
        var waiting: [any PendingWrite] = []
        var activeThreads = 0
    }

    private let threadsMax: Int
    private let state = Mutex(State())

    /// - Parameter threads: How many may commit at the same time.
    package init(threads: Int) {
        self.threadsMax = threads
    }

    /// Returns whether the caller must have another thread call ``nextGroup()`` until it returns `nil`.
    package func append(_ write: any PendingWrite) -> Bool {
        self.state.withLock { state in
            state.waiting.append(write)
            guard state.activeThreads < self.threadsMax else { return false }
            state.activeThreads += 1
            return true
        }
    }

    /// Takes a fair share of those that wait; with `nil` the thread's work is over.
    package func nextGroup() -> WriteGroup? {
        self.state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.activeThreads -= 1
                return nil
            }
            let share = (state.waiting.count + self.threadsMax - 1) / self.threadsMax
            let writes = Array(state.waiting.prefix(min(share, Self.writesPerGroupMax)))
            state.waiting.removeFirst(writes.count)
            return WriteGroup(writes)
        }
    }
}
