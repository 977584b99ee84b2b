import Glibc

/// Attempts that come the more seldom the longer they fail, until it is no use any more. Blocks its thread.
struct Retries {
    private static let pauseMax = Duration.seconds(1)

    let deadline: ContinuousClock.Instant
    private var pause = Duration.milliseconds(20)

    init(until deadline: ContinuousClock.Instant) {
        self.deadline = deadline
    }

    /// Waits for a while, and returns whether there is time for another attempt.
    mutating func wait() -> Bool {
        // Not all servers at the same moment.
        let pause = self.pause * Double.random(in: 0.5...1.0)
        guard ContinuousClock.now.advanced(by: pause) < self.deadline else { return false }
        usleep(UInt32(pause.milliseconds * 1_000))
        self.pause = min(self.pause * 2, Self.pauseMax)
        return true
    }
}
