import MartletCore
import Synchronization

/// Decisions on their way, in the order in which they came: some are being written, the others wait.
///
/// Many are taken as fast as few. Requests add to it, and none of them waits while others are copied.
final class DecisionQueue: Sendable {
    private struct State {
        var taken: [Decision] = []
        var waiting: [Decision] = []
        var droppedCount = 0

        var count: Int { self.taken.count + self.waiting.count }

        mutating func drop(before start: Timestamp) {
            let count = self.waiting.count
            self.waiting.removeAll { $0.at < start }
            self.droppedCount += count - self.waiting.count
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: How many there may be.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var isEmpty: Bool { self.count == 0 }

    /// How many are on their way.
    var count: Int { self.state.withLock { $0.count } }

    /// For how many more there is room.
    var room: Int { max(0, self.capacity - self.count) }

    /// How many did not find room, or came too late.
    var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    /// Adds a decision; drops it where there is no room.
    func offer(_ decision: Decision) {
        self.state.withLock { state in
            guard state.count < self.capacity else { return state.droppedCount += 1 }
            state.waiting.append(decision)
        }
    }

    /// Adds decisions that must not be dropped.
    func append(_ decisions: some Sequence<Decision>) {
        self.state.withLock { $0.waiting += decisions }
    }

    /// Takes those that came first, beginning with what was taken before and is not ``finish()``ed. One at a time does.
    ///
    /// - Parameters:
    ///   - count: How many at most.
    ///   - start: What was decided before is dropped.
    func take(atMost count: Int = .max, from start: Timestamp? = nil) -> [Decision] {
        self.state.withLock { state in
            if !state.taken.isEmpty {
                state.waiting = state.taken + state.waiting
                state.taken = []
            }
            if let start { state.drop(before: start) }
            if state.waiting.count <= count {
                swap(&state.taken, &state.waiting)
            } else {
                state.taken = Array(state.waiting.prefix(count))
                state.waiting.removeFirst(count)
            }
            return state.taken
        }
    }

    /// Forgets those that were taken: they are where they belong.
    ///
    /// - Parameter count: How many of them are not, since they were too late.
    func finish(dropping count: Int = 0) {
        // They are destroyed when nobody waits for that any more.
        _ = self.state.withLock { state in
            defer { state.taken = [] }
            state.droppedCount += count
            return state.taken
        }
    }
}
