import MartletCore
import Synchronization

/// Decisions that become durable together: whatever has come by the time that their turn to be written comes.
final class DecisionBatch: Sendable {
    private static let countMax = 500

    private struct State {
        var decisions: [Decision]
        var waiters: [DecisionWaiter]
        var isClosed = false
    }

    private let state: Mutex<State>

    init(_ first: Decision, _ waiter: DecisionWaiter) {
        self.state = Mutex(State(decisions: [first], waiters: [waiter]))
    }

    /// Adds a decision, unless it is too late; `waiter` then hears nothing.
    func add(_ decision: Decision, _ waiter: DecisionWaiter) -> Bool {
        self.state.withLock { state in
            guard !state.isClosed, state.decisions.count < Self.countMax else { return false }
            state.decisions.append(decision)
            state.waiters.append(waiter)
            return true
        }
    }

    /// Takes no more; returns the same every time.
    func close() -> [Decision] {
        self.state.withLock { state in
            state.isClosed = true
            return state.decisions
        }
    }

    /// Answers all who wait.
    func finish(_ failure: MartletError?) {
        let waiters = self.state.withLock { state in
            state.isClosed = true
            return state.waiters
        }
        waiters.answer(failure)
    }
}
