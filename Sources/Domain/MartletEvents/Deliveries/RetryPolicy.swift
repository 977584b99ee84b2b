/// When a delivery that failed is tried again.
package struct RetryPolicy: Sendable {
    private static let firstPause = 2_000.0
    private static let longestPause = 3_600_000.0

    /// How often a delivery is tried before it is given up.
    package let attempts: Int

    package init(attempts: Int) {
        precondition(attempts > 0, "what is never tried is never delivered")
        self.attempts = attempts
    }

    /// Milliseconds to wait after an attempt; `nil` after the last.
    ///
    /// Twice as long each time, up to an hour, and up to half of it less, so that what failed together does not come
    /// back together.
    ///
    /// - Parameters:
    ///   - attempt: From 1 on.
    ///   - jitter: From 0 to 1, at random.
    func pause(after attempt: Int64, jitter: Double) -> Int64? {
        guard attempt < self.attempts else { return nil }
        var pause = Self.firstPause
        for _ in 1..<max(attempt, 1) where pause < Self.longestPause { pause *= 2 }
        return Int64(min(pause, Self.longestPause) * (1 - jitter / 2))
    }
}
