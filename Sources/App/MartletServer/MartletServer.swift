import Hummingbird
package import Logging
import MLflowFrontEnd
import MartletCore
import MartletHTTP
import MartletSQL
import MartletSQLite
import NIOCore
import ServiceLifecycle
import UnixSignals

/// A server on an embedded data folder: the only place that picks drivers.
package struct MartletServer: Sendable {
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
        let folder = try DataFolder(path: self.settings.dataPath)
        defer { withExtendedLifetime(folder) {} }
        let database = try SQLiteDatabase(path: folder.databasePath)
        let surroundings = Surroundings.system
        let domain = Domain(database: database, surroundings: surroundings)
        try await domain.prepare(database, artifactRoot: MLflowFrontEnd.artifactRoot, at: surroundings.now())
        do {
            try await self.application(domain, database, onRunning).runService(
                gracefulShutdownSignals: [.sigterm, .sigint]
            )
        } catch {
            try await database.close()
            throw error
        }
        try await database.close()
        self.logger.info("stopped")
    }

    private func application(
        _ domain: Domain,
        _ database: SQLiteDatabase,
        _ onRunning: @escaping @Sendable (Int) -> Void
    ) -> some ApplicationProtocol {
        let metrics = RequestMetrics()
        let frontEnds = frontEnds(domain: domain, settings: self.settings, metrics: metrics) {
            await Self.answers(database)
        }
        return Application(
            router: buildRouter(serving: frontEnds, metrics: metrics),
            configuration: .init(
                address: .hostname(self.settings.host, port: self.settings.port),
                serverName: nil
            ),
            onServerRunning: { channel in
                onRunning(channel.localAddress?.port ?? self.settings.port)
            },
            logger: self.logger
        )
    }

    private static func answers(_ database: SQLiteDatabase) async -> Bool {
        do {
            return try await database.read { db throws(MartletError) in try db.query("SELECT 1").count == 1 }
        } catch {
            return false
        }
    }
}
