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
            while !Task.isCancelled {
                do {
                    try await self.body(round)
                } catch let error as MartletError {
                    // The next round tries again, from the beginning.
                    self.logger.error("work in the background failed", metadata: error.logMetadata(of: self.name))
                } catch {
                    self.logger.error("work in the background failed", metadata: ["work": "\(self.name)"])
                }
                round += 1
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: self.pause)
            }
        }
    }
}

extension MartletError {
    fileprivate func logMetadata(of work: String) -> Logger.Metadata {
        var metadata = self.logMetadata
        metadata["work"] = "\(work)"
        return metadata
    }
}
