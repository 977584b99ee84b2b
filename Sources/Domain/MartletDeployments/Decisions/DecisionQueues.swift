import MartletCore
import Synchronization

/// Decisions on their way to the database, in the order in which they came.
final class DecisionQueues: Sendable {
    enum Name {
        /// Not durable yet.
        case offered
        /// Durable, and not in the database yet.
        case journaled
        /// In the database or on their way there, as they were when they began; here with how they ended.
        case completed
    }

    private struct State {
        var offered: [Decision] = []
        var journaled: [Decision] = []
        var completed: [Decision] = []
        var droppedCount = 0

        subscript(name: Name) -> [Decision] {
            get {
                switch name {
                case .offered: self.offered
                case .journaled: self.journaled
                case .completed: self.completed
                }
            }
            _modify {
                switch name {
                case .offered: yield &self.offered
                case .journaled: yield &self.journaled
                case .completed: yield &self.completed
                }
            }
        }
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: How many may wait in each.
    init(capacity: Int) {
        self.capacity = capacity
    }

    /// How many did not find room, or came too late.
    var droppedCount: Int { self.state.withLock { $0.droppedCount } }

    var areEmpty: Bool {
        self.state.withLock { $0.offered.isEmpty && $0.journaled.isEmpty && $0.completed.isEmpty }
    }

    func hasRoom(_ name: Name) -> Bool { self.state.withLock { $0[name].count < self.capacity } }

    /// Adds a decision; drops it where there is no room.
    func add(_ decision: Decision, to name: Name) {
        self.state.withLock { state in
            guard state[name].count < self.capacity else { return state.droppedCount += 1 }
            state[name].append(decision)
        }
    }

    func all(in name: Name) -> [Decision] { self.state.withLock { $0[name] } }

    /// The first of those that are offered, as many as there is room for when they are durable.
    func offeredForJournal() -> [Decision] {
        self.state.withLock { Array($0.offered.prefix(max(0, self.capacity - $0.journaled.count))) }
    }

    func removeFirst(_ count: Int, from name: Name) { self.state.withLock { $0[name].removeFirst(count) } }

    /// Drops what was decided before `start`.
    func drop(from name: Name, before start: Timestamp?) {
        guard let start else { return }
        self.state.withLock { state in
            let count = state[name].count
            state[name].removeAll { $0.at < start }
            state.droppedCount += count - state[name].count
        }
    }

    /// Takes what the journal says of a group, and answers those who wait for it.
    func settle(_ group: [JournaledDecision], _ failure: MartletError?) {
        if failure == nil { self.state.withLock { $0.journaled += group.lazy.map(\.decision) } }
        group.lazy.compactMap(\.waiter).answer(failure)
    }
}
