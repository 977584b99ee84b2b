import Synchronization

/// How a backend has been doing lately: one that fails again and again is left alone for a while.
final class BackendHealth: Sendable {
    /// How many failures in a row make an outlier.
    private static let failuresMax = 5
    private static let pause = Duration.seconds(5)
    private static let pauseMax = Duration.seconds(60)

    private struct State {
        var failures = 0
        /// Until when nobody asks it; from then on one request is let through at a time.
        var ejectedUntil: ContinuousClock.Instant?
        var ejections = 0
        var isTrying = false
    }

    private let state = Mutex(State())

    /// Whether a request may be sent now; if so, ``report(isAlive:at:)`` must follow.
    func admits(at now: ContinuousClock.Instant) -> Bool {
        self.state.withLock { state in
            guard let end = state.ejectedUntil else { return true }
            guard now >= end, !state.isTrying else { return false }
            state.isTrying = true
            return true
        }
    }

    /// Notes what became of a request.
    func report(isAlive: Bool, at now: ContinuousClock.Instant) {
        self.state.withLock { state in
            state.isTrying = false
            guard !isAlive else { return state = State() }
            state.failures += 1
            guard state.failures >= Self.failuresMax else { return }
            state.ejections += 1
            state.ejectedUntil = now + min(Self.pause * state.ejections, Self.pauseMax)
        }
    }
}
