import MartletCore
import Synchronization

/// Decisions that become durable together: whatever has come by the time that their turn to be written comes.
final class DecisionBatch: Sendable {
    typealias Answer = @Sendable (MartletError?) -> Void

    private static let countMax = 500

    private struct State {
        var decisions: [Decision]
        var answers: [Answer]
        var isClosed = false
    }

    private let state: Mutex<State>

    /// - Parameter answer: Told when the decision is durable, or why it is not.
    init(_ first: Decision, _ answer: @escaping Answer) {
        self.state = Mutex(State(decisions: [first], answers: [answer]))
    }

    /// Adds a decision, unless it is too late; `answer` then hears nothing.
    func add(_ decision: Decision, _ answer: @escaping Answer) -> Bool {
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
    func finish(_ failure: MartletError?) {
        let answers = self.state.withLock { state in
            state.isClosed = true
            return state.answers
        }
        for answer in answers { answer(failure) }
    }
}
