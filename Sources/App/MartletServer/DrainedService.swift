import ServiceLifecycle

/// A service that finishes what is under way when it is to stop, and is made to when that takes too long.
struct DrainedService<Base: Service>: Service {
    private let base: Base
    private let drainTime: Duration
    private let cutOff: @Sendable () -> Void

    /// - Parameter cutOff: Ends what may be endless.
    init(_ base: Base, drainTime: Duration, cutOff: @escaping @Sendable () -> Void) {
        self.base = base
        self.drainTime = drainTime
        self.cutOff = cutOff
    }

    func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask {
                do {
                    try await gracefulShutdown()
                    try await Task.sleep(for: self.drainTime)
                } catch {
                    // It has stopped by itself.
                    return
                }
                self.cutOff()
            }
            try await self.base.run()
            group.cancelAll()
        }
    }
}
