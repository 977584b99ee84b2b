package import MartletBackends

/// Tells a process that hangs from one that is busy, by what it is asked now and then and by what requests get.
///
/// Whatever it says is a sign of life. Without one it may still be at work, where a single worker does one thing at a
/// time; but on no request for longer than anybody waits for the answer.
package struct Pulse: Sendable {
    /// How many looks in a row must have been in vain.
    package static let missesMax = 3

    /// What had become of requests when it showed life last.
    private var use: BackendUse
    private var aliveAt: ContinuousClock.Instant
    private var misses = 0

    package init(_ use: BackendUse, at now: ContinuousClock.Instant) {
        self.use = use
        self.aliveAt = now
    }

    /// Notes a look; returns for how long it has been silent when that is too long.
    ///
    /// - Parameter requestTime: How long a request may take until its answer begins.
    package mutating func note(
        isAnswered: Bool,
        _ use: BackendUse,
        requestTime: Duration,
        at now: ContinuousClock.Instant
    ) -> Duration? {
        guard !isAnswered, use.heard == self.use.heard else {
            self = Pulse(use, at: now)
            return nil
        }
        self.misses += 1
        let silence = now - self.aliveAt
        guard self.misses >= Self.missesMax, silence >= self.patience(use, requestTime) else { return nil }
        return silence
    }

    /// How long it may be silent, from what it may be busy with.
    private func patience(_ use: BackendUse, _ requestTime: Duration) -> Duration {
        guard use.streaming == 0, self.use.streaming == 0 else {
            return max(requestTime, BackendPatience.streamSilenceMax)
        }
        // One that has been given up by now may still be worked on.
        let isAsked = self.use.underWay > 0 || use.begun != self.use.begun
        return isAsked ? requestTime : .zero
    }
}
