import Synchronization

/// Something that is said once, to whoever waits for it.
final class Announced<Value: Sendable>: Sendable {
    private enum State {
        case awaited([AsyncStream<Value>.Continuation])
        /// `nil` where it will never be said.
        case known(Value?)
    }

    private let state = Mutex(State.awaited([]))

    /// Returns when it is known; `nil` where it will never be, or the task was cancelled.
    var value: Value? {
        get async {
            let (values, waiting) = AsyncStream.makeStream(of: Value.self)
            self.state.withLock { state in
                switch state {
                case .awaited(let others): state = .awaited(others + [waiting])
                case .known(let value): waiting.resolve(value)
                }
            }
            return await values.first { _ in true }
        }
    }

    /// As ``value``, but waits no longer than that.
    func value(within limit: Duration) async -> Value? {
        await withTaskGroup(of: Value?.self) { tasks in
            tasks.addTask { await self.value }
            tasks.addTask {
                // Throws when the value came first, and nobody waits any more.
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
    }

    /// What is said first counts.
    func resolve(_ value: Value?) {
        let waiting: [AsyncStream<Value>.Continuation] = self.state.withLock { state in
            guard case .awaited(let waiting) = state else { return [] }
            state = .known(value)
            return waiting
        }
        for one in waiting { one.resolve(value) }
    }
}

extension AsyncStream.Continuation where Element: Sendable {
    fileprivate func resolve(_ value: Element?) {
        if let value { self.yield(value) }
        self.finish()
    }
}
