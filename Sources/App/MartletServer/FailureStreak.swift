import Logging
import MartletCore
import MartletHTTP
import Synchronization

/// Tells of what fails in the background: once, however long it lasts.
final class FailureStreak: Sendable {
    private let work: String
    private let logger: Logger
    private let lasts = Mutex(false)

    /// - Parameter work: What is done, in the log.
    init(of work: String, _ logger: Logger) {
        self.work = work
        self.logger = logger
    }

    /// - Parameter error: `nil` for what has succeeded.
    func note(_ error: (any Error)?) {
        let isTold = self.lasts.withLock { lasts in
            defer { lasts = error != nil }
            return lasts
        }
        guard let error, !isTold else { return }
        var metadata = (error as? MartletError)?.logMetadata ?? [:]
        metadata["work"] = "\(self.work)"
        self.logger.error("work in the background failed", metadata: metadata)
    }
}
