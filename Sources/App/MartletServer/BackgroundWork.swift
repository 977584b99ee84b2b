import Logging
import MartletCore
import MartletHTTP
import ServiceLifecycle

/// Something that is done as soon as the server runs and then again and again, with a pause in between, until it stops.
struct BackgroundWork: Service {
    /// What it is called where a failure is told.
    let name: String
    let pause: Duration
    let logger: Logger
    /// - Parameter round: Counted from 0.
    let body: @Sendable (_ round: Int) async throws -> Void

    func run() async {
        await cancelWhenGracefulShutdown {
            var round = 0
            var isFailing = false
            while !Task.isCancelled {
                do {
                    try await self.body(round)
                    isFailing = false
                } catch {
                    // The next round tries again, from the beginning. What lasts is told once.
                    if !isFailing { self.tell(error) }
                    isFailing = true
                }
                round += 1
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: self.pause)
            }
        }
    }

    private func tell(_ error: any Error) {
        let metadata = (error as? MartletError)?.logMetadata(of: self.name) ?? ["work": "\(self.name)"]
        self.logger.error("work in the background failed", metadata: metadata)
    }
}

extension MartletError {
    fileprivate func logMetadata(of work: String) -> Logger.Metadata {
        var metadata = self.logMetadata
        metadata["work"] = "\(work)"
        return metadata
    }
}
