import Synchronization

/// Work that nobody waits for, and of which there is never much.
final class AsideWork: Sendable {
    private static let countMax = 256
    private static let bytesMax = 256 << 20

    private struct State {
        var count = 0
        var bytes = 0
    }

    private let state = Mutex(State())

    /// Runs something, unless too much is under way already.
    ///
    /// - Parameter bytes: What it keeps in memory until it is done.
    /// - Returns: Whether it does.
    @discardableResult
    func run(
        _ executor: any TaskExecutor,
        keeping bytes: Int = 0,
        _ work: @escaping @Sendable () async -> Void
    ) -> Bool {
        let isAdmitted = self.state.withLock { state in
            // Alone, a single one may be as large as it is.
            guard state.count < Self.countMax, state.count == 0 || state.bytes + bytes <= Self.bytesMax else {
                return false
            }
            state.count += 1
            state.bytes += bytes
            return true
        }
        guard isAdmitted else { return false }
        Task(executorPreference: executor) {
            await work()
            self.state.withLock { state in
                state.count -= 1
                state.bytes -= bytes
            }
        }
        return true
    }
}
