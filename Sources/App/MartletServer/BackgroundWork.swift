import Logging
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
            let failures = FailureStreak(of: self.name, self.logger)
            var round = 0
            while !Task.isCancelled {
                // After a failure the next round tries again, from the beginning.
                failures.note(await self.failure(round))
                round += 1
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: self.pause)
            }
        }
    }

    private func failure(_ round: Int) async -> (any Error)? {
        do {
            try await self.body(round)
            return nil
        } catch {
            return error
        }
    }
}
