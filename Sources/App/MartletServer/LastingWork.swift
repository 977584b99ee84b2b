import Logging
import ServiceLifecycle

/// Something that goes on by itself until the server stops, and tells what fails of it.
struct LastingWork: Service {
    /// What it is called where a failure is told.
    let name: String
    let logger: Logger
    /// Ends when its task is cancelled.
    ///
    /// - Parameter report: To be told what fails; `nil` when all is well.
    let body: @Sendable (_ report: @escaping @Sendable ((any Error)?) -> Void) async -> Void

    func run() async {
        let failures = FailureStreak(of: self.name, self.logger)
        await cancelWhenGracefulShutdown {
            await self.body { failures.note($0) }
        }
    }
}
