import Hummingbird
package import Logging
import MartletCore
import MartletHTTP
import MartletSQL
import NIOCore
import ServiceLifecycle
import UnixSignals

/// A server on an embedded data folder.
package struct MartletServer: Sendable {
    /// How long a client may say nothing, between requests or in the middle of one, before it is cut off. It is
    /// also how long a stalled one can hold up a stop.
    private static let idleTimeout = TimeAmount.seconds(60)

    private let settings: ServerSettings
    private let logger: Logger

    package init(settings: ServerSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT, then finishes the requests under way and closes everything.
    ///
    /// - Parameter onRunning: Called with the port as soon as requests are answered.
    package func run(onRunning: @escaping @Sendable (Int) -> Void) async throws {
        let store = try EmbeddedStore(dataPath: self.settings.dataPath)
        do {
            let domain = try await store.openDomain()
            try await self.application(domain, store, onRunning).runService(
                gracefulShutdownSignals: [.sigterm, .sigint]
            )
        } catch {
            // What went wrong first is what to tell.
            try? await store.close()
            throw error
        }
        try await store.close()
        self.logger.info("stopped")
    }

    private func application(
        _ domain: Domain,
        _ store: EmbeddedStore,
        _ onRunning: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        let metrics = RequestMetrics()
        let frontEnds = frontEnds(domain: domain, settings: self.settings, metrics: metrics) {
            await Self.answers(store)
        }
        return Application(
            router: buildRouter(serving: frontEnds, settings: self.settings, metrics: metrics),
            server: .martlet(idleTimeout: Self.idleTimeout),
            configuration: .init(address: .hostname(self.settings.host, port: self.settings.port)),
            services: [Housekeeping.tidying(domain, self.logger), Housekeeping.indexing(domain, self.logger)],
            onServerRunning: { channel in onRunning(channel.localAddress?.port ?? self.settings.port) },
            logger: self.logger
        )
    }

    private static func answers(_ store: EmbeddedStore) async -> Bool {
        do {
            return try await store.database.read { db throws(MartletError) in try db.query("SELECT 1").count == 1 }
        } catch {
            return false
        }
    }
}
