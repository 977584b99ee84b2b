import MartletCore
import Synchronization

extension MartletError {
    static var lateDecision: MartletError {
        MartletError(.unavailable, "it took so long that records of its time may be sealed")
    }
}

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
    func finish(_ failure: MartletError) {
        self.end().waiters.answer(failure)
    }

    /// Answers all who wait: decisions of before `start` were not written.
    func finish(writtenFrom start: Timestamp) {
        let (decisions, waiters) = self.end()
        let all = zip(decisions, waiters)
        all.filter { $0.0.at >= start }.map(\.1).answer(nil)
        all.filter { $0.0.at < start }.map(\.1).answer(.lateDecision)
    }

    private func end() -> (decisions: [Decision], waiters: [DecisionWaiter]) {
        self.state.withLock { state in
            state.isClosed = true
            return (state.decisions, state.waiters)
        }
    }
}
