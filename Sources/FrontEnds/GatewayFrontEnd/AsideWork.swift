import Synchronization

/// Work that nobody waits for, and of which there is never much.
final class AsideWork: Sendable {
    private static let countMax = 256

    private let count = Mutex(0)

    /// Runs something, unless too much is under way already.
    ///
    /// - Returns: Whether it does.
    @discardableResult
    func run(_ executor: any TaskExecutor, _ work: @escaping @Sendable () async -> Void) -> Bool {
        let isAdmitted = self.count.withLock { count in
            guard count < Self.countMax else { return false }
            count += 1
            return true
        }
        guard isAdmitted else { return false }
        Task(executorPreference: executor) {
            await work()
            self.count.withLock { $0 -= 1 }
        }
        return true
    }
}
