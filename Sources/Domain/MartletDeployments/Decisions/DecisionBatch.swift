import MartletCore
import Synchronization

/// Decisions that become durable together: whatever has come by the time that their turn to be written comes.
final class DecisionBatch: Sendable {
    typealias Answer = CheckedContinuation<Result<Void, MartletError>?, Never>

    private static let countMax = 500

    private struct State {
        var decisions: [Decision]
        /// Those who wait, but for the one who writes.
        var answers: [Answer] = []
        var isClosed = false
    }

    private let state: Mutex<State>

    init(_ first: Decision) {
        self.state = Mutex(State(decisions: [first]))
    }

    /// Adds a decision, unless it is too late; `answer` then hears nothing.
    func add(_ decision: Decision, _ answer: Answer) -> Bool {
        self.state.withLock { state in
            guard !state.isClosed, state.decisions.count < Self.countMax else { return false }
            state.decisions.append(decision)
            state.answers.append(answer)
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
    func finish(_ result: Result<Void, MartletError>) {
        let answers = self.state.withLock { state in
            state.isClosed = true
            return state.answers
        }
        for answer in answers { answer.resume(returning: result) }
    }
}
