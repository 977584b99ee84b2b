package import Logging
import MartletCore
import MartletHTTP
import ServiceLifecycle

/// Tidies up as soon as the server runs and then every hour, until the server stops.
package struct Housekeeping: Service {
    /// How many rounds there are between two for which every file is listed.
    private static let roundsPerThoroughOne = 24

    private let domain: Domain
    private let logger: Logger
    private let pause: Duration

    package init(domain: Domain, logger: Logger, pause: Duration = .seconds(3_600)) {
        self.domain = domain
        self.logger = logger
        self.pause = pause
    }

    package func run() async {
        await cancelWhenGracefulShutdown {
            var round = 0
            while !Task.isCancelled {
                await self.tidy(isThorough: round % Self.roundsPerThoroughOne == 0)
                round += 1
                // Throws when the server stops, and that ends the loop.
                try? await Task.sleep(for: self.pause)
            }
        }
    }

    private func tidy(isThorough: Bool) async {
        do {
            try await self.domain.signLedger()
            let count = try await self.domain.tidy(isThorough: isThorough)
            if count > 0 { self.logger.info("removed files that nobody needs", metadata: ["count": "\(count)"]) }
        } catch {
            // The next round tries again, from the beginning.
            self.logger.error("tidying up failed", metadata: error.logMetadata)
        }
    }
}
