import MartletCore
import NIOPosix
import Synchronization

/// Work that blocks its thread: started on a thread pool when it is made, and waited for later, once.
final class BlockingJob<Value: Sendable>: Sendable {
    typealias Outcome = Result<Value, MartletError>

    private enum State {
        case running
        case awaited(CheckedContinuation<Outcome, Never>)
        case ended(Outcome)
    }

    private let state = Mutex(State.running)

    /// Starts `body` as soon as one of `threads` is free.
    init(on threads: NIOThreadPool, _ body: @escaping @Sendable () throws(MartletError) -> Value) {
        threads.submit { poolState in
            switch poolState {
            case .active: self.end(Outcome(catching: body))
            case .cancelled: self.end(.failure(MartletError(.unavailable, "the server is shutting down")))
            }
        }
    }

    /// What the work returned or threw, as soon as it has.
    var outcome: Outcome {
        get async {
            await withCheckedContinuation { continuation in
                let outcome = self.state.withLock { state -> Outcome? in
                    if case .ended(let outcome) = state { return outcome }
                    state = .awaited(continuation)
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        }
    }

    /// What the work returned, as soon as it has.
    var value: Value {
        get async throws(MartletError) { try await self.outcome.get() }
    }

    private func end(_ outcome: Outcome) {
        let continuation = self.state.withLock { state -> CheckedContinuation<Outcome, Never>? in
            defer { state = .ended(outcome) }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        continuation?.resume(returning: outcome)
    }
}

extension NIOThreadPool {
    /// Runs `body` on a thread that may block, and waits for it.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        try await BlockingJob(on: self, body).value
    }
}
