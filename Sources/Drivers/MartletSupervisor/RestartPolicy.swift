/// When a process that has ended is started again.
struct RestartPolicy: Sendable {
    /// How many ends without a longer life between make a crash loop.
    static let failuresOfLoop = 3
    private static let firstPause = Duration.milliseconds(250)
    private static let pauseMax = Duration.seconds(60)
    /// A process that was ready for that long has done well.
    private static let longLife = Duration.seconds(60)

    /// How often it has ended without having done well.
    private(set) var failures = 0

    var isLooping: Bool { self.failures >= Self.failuresOfLoop }

    /// Notes an end, and returns how long to wait.
    ///
    /// - Parameter life: For how long it was ready; `nil` if it never was.
    mutating func ended(after life: Duration?) -> Duration {
        if let life, life >= Self.longLife { self.failures = 0 }
        self.failures += 1
        let doublings = min(self.failures - 1, 16)
        return min(Self.firstPause * (1 << doublings), Self.pauseMax)
    }
}
