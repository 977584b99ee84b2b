import Synchronization

/// Looks now and then after those that wait, for as long as there are any: without a timer for each of them.
final class Sweeper: Sendable {
    private static let pause = Duration.milliseconds(200)

    private let isAtWork = Atomic(false)

    /// To be called when somebody has begun to wait.
    ///
    /// - Parameter sweep: Fails those whose time is over, and returns whether others still wait.
    func start(_ sweep: @escaping @Sendable () -> Bool) {
        guard self.begins() else { return }
        Task {
            repeat {
                repeat { try? await Task.sleep(for: Self.pause) } while sweep()
                self.isAtWork.store(false, ordering: .sequentiallyConsistent)
                // Who has come since the last look has found it at work.
            } while sweep() && self.begins()
        }
    }

    /// Returns whether the caller is the one to do it.
    private func begins() -> Bool {
        self.isAtWork.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent).exchanged
    }
}
