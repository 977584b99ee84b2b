import MartletDeployments
import Synchronization

/// The answer that a caller got, as those of shadows wait for it.
final class ReturnedAnswer: Sendable {
    private typealias Waiting = CheckedContinuation<ComparedAnswer?, Never>

    private enum State {
        case awaited([Waiting])
        case known(ComparedAnswer?)
    }

    private let state = Mutex(State.awaited([]))

    /// Returns when it is known; `nil` where there was none.
    var answer: ComparedAnswer? {
        get async {
            await withCheckedContinuation { (waiting: Waiting) in
                let known: ComparedAnswer?? = self.state.withLock { state in
                    switch state {
                    case .known(let answer): return .some(answer)
                    case .awaited(let others):
                        state = .awaited(others + [waiting])
                        return .none
                    }
                }
                if let known { waiting.resume(returning: known) }
            }
        }
    }

    private func resolve(_ answer: ComparedAnswer?) {
        let waiting: [Waiting] = self.state.withLock { state in
            guard case .awaited(let waiting) = state else { return [] }
            state = .known(answer)
            return waiting
        }
        for one in waiting { one.resume(returning: answer) }
    }

    /// Whoever will know it. One that goes away without having said anything has said that there is none.
    final class Source: Sendable {
        let answer = ReturnedAnswer()

        /// What is said first counts.
        func tell(_ answer: ComparedAnswer) { self.answer.resolve(answer) }

        deinit { self.answer.resolve(nil) }
    }
}
