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

    /// The pause after a failure, if ``pause`` is not longer: what is down for a minute fills no log.
    private static let pauseAfterFailure = Duration.seconds(5)

    func run() async {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                // After a failure the next round tries again, from the beginning.
                let pause = await self.succeeds(round) ? self.pause : max(self.pause, Self.pauseAfterFailure)
                round += 1
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: pause)
            }
        }
    }

    private func succeeds(_ round: Int) async -> Bool {
        do {
            try await self.body(round)
            return true
        } catch let error as MartletError {
            self.logger.error("work in the background failed", metadata: error.logMetadata(of: self.name))
        } catch {
            self.logger.error("work in the background failed", metadata: ["work": "\(self.name)"])
        }
        return false
    }
}

extension MartletError {
    fileprivate func logMetadata(of work: String) -> Logger.Metadata {
        var metadata = self.logMetadata
        metadata["work"] = "\(work)"
        return metadata
    }
}
