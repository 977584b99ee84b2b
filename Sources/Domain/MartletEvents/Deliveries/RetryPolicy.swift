/// When a delivery that failed is tried again.
package struct RetryPolicy: Sendable {
    private static let firstPauseMilliseconds = 2_000.0
    static let longestPauseMilliseconds: Int64 = 3_600_000

    /// How often a delivery is tried before it is given up.
    package let attempts: Int

    package init(attempts: Int) {
        precondition(attempts > 0, "what is never tried is never delivered")
        self.attempts = attempts
    }

    /// Milliseconds to wait after an attempt; `nil` after the last.
    ///
    /// Twice as long each time, up to an hour, and up to half of it less, so that what failed together does not come
    /// back together. Longer if the receiver says so, but no longer than an hour.
    ///
    /// - Parameters:
    ///   - attempt: From 1 on.
    ///   - jitter: From 0 to 1, at random.
    ///   - wish: For how many milliseconds the receiver wants to be left alone.
    func pause(after attempt: Int64, jitter: Double, wish: Int64 = 0) -> Int64? {
        guard attempt < self.attempts else { return nil }
        var pause = Self.firstPauseMilliseconds
        for _ in 1..<max(attempt, 1) where pause < Double(Self.longestPauseMilliseconds) { pause *= 2 }
        let own = Int64(min(pause, Double(Self.longestPauseMilliseconds)) * (1 - jitter / 2))
        return max(own, min(wish, Self.longestPauseMilliseconds))
    }
}
