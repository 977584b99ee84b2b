/// How often and how late a request is repeated: exponential back-off with full jitter, up to a deadline.
package struct RetryPolicy: Sendable {
    package var attemptsMax = 6
    package var firstPause = Duration.milliseconds(100)
    package var pauseMax = Duration.seconds(5)
    /// How long a request may take with all its repetitions.
    package var patience = Duration.seconds(90)

    package init() {}

    /// Returns how long to wait after a number of failed attempts; `nil` when it is time to give up.
    ///
    /// - Parameters:
    ///   - remaining: What is left of ``patience``.
    ///   - chance: Between 0 and 1.
    package func pause(afterAttempts count: Int, remaining: Duration, chance: Double) -> Duration? {
        guard count < self.attemptsMax else { return nil }
        let longest = min(self.pauseMax, self.firstPause * (1 << min(count - 1, 16)))
        let pause = longest * chance
        return pause < remaining ? pause : nil
    }
}
