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
                // After a failure the next round tries again, from the beginning.
                isFailing = !(await self.succeeds(round, isFailing: isFailing))
                round += 1
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: self.pause)
            }
        }
    }

    /// - Parameter isFailing: Whether the round before failed: what lasts is told once.
    private func succeeds(_ round: Int, isFailing: Bool) async -> Bool {
        do {
            try await self.body(round)
            return true
        } catch {
            let metadata = (error as? MartletError)?.logMetadata(of: self.name) ?? ["work": "\(self.name)"]
            if !isFailing { self.logger.error("work in the background failed", metadata: metadata) }
            return false
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
