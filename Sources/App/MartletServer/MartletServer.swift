import GatewayFrontEnd
import Hummingbird
import AsyncHTTPClient
package import Logging
import MartletBackends
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletProxy
import MartletSQL
import MartletSupervisor
import NIOCore
import ServiceLifecycle
import UnixSignals

/// A server on a data folder, and perhaps a database server.
package struct MartletServer: Sendable {
    /// How long a client may say nothing, between requests or in the middle of one, before it is cut off. It is
    /// also how long a stalled one can hold up a stop.
    private static let idleTimeout = TimeAmount.seconds(60)
    /// How long `/ready` waits for the database: a balancer has to know soon.
    private static let readinessPatience = Duration.seconds(2)
    /// How long what is under way may take to end after something has failed.
    private static let closingPatience = Duration.seconds(2)

    private let settings: ServerSettings
    private let logger: Logger

    package init(settings: ServerSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT, then finishes the requests under way, within bounds, and closes everything.
    ///
    /// - Parameter onRunning: Called with the port as soon as requests are answered.
    package func run(onRunning: @escaping @Sendable (Int) -> Void) async throws {
        let store = try await ServerStore.open(self.settings)
        if let remark = store.remark { self.logger.warning("\(remark)") }
        let questions = HTTPClient.forBackendProbes()
        do {
            let probe = HTTPBackendProbe(client: questions)
            let backends = try ProxyClient()
            defer { backends.close() }
            let supervisor = try self.supervisor(store, probe, backends)
            let domain = try await store.openDomain(
                self.settings.ledgerKey,
                self.settings.webhooks,
                backends: BackendAddresses(supervisor: supervisor, probe: probe, breaker: backends),
                period: SealingPeriod(self.settings.decisionPeriod)
            )
            try await domain.routes.refresh()
            try await self.serve(domain, store, backends, supervisor, onRunning)
            try await LastWrites(domain: domain, store: store).finish()
        } catch {
            // What went wrong first is what to tell, soon: what the database still has not answered ends with us.
            try? await questions.shutdown()
            _ = await result(within: Self.closingPatience, of: store.close)
            throw error
        }
        try await questions.shutdown()
        try await store.close()
        self.logger.info("stopped")
    }

    /// Returns when the server was told to stop and has answered what was under way.
    private func serve(
        _ domain: Domain,
        _ store: ServerStore,
        _ backends: ProxyClient,
        _ supervisor: ProcessSupervisor?,
        _ onRunning: @escaping @Sendable (Int) -> Void
    ) async throws {
        let (urls, url) = AsyncStream.makeStream(of: String.self)
        let services = self.supervision(supervisor, urls) + Housekeeping.services(domain, self.settings, self.logger)
        let address = BindAddress.hostname(self.settings.host, port: self.settings.port)
        let application = self.application(domain, store, backends, at: address, services: services) { channel in
            let port = channel.localAddress?.port ?? self.settings.port
            url.yield(self.settings.url(port: port))
            onRunning(port)
        }
        let drained = DrainedService(application, drainTime: .seconds(self.settings.drainSeconds)) {
            self.logger.warning("requests that took too long to end were cut off")
            backends.close()
        }
        try await ServiceGroup(
            services: [drained],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: self.logger
        ).run()
    }

    private func supervisor(
        _ store: ServerStore,
        _ probe: HTTPBackendProbe,
        _ meter: any BackendMeter
    ) throws(MartletError) -> ProcessSupervisor? {
        guard let settings = self.settings.supervision?.processes else { return nil }
        let folder = store.supervisedPath
        return try ProcessSupervisor(
            settings,
            folder: folder,
            probe: probe,
            meter: meter,
            presentName: { version throws(MartletError) in try await version.renamed(by: store.database) },
            logger: self.logger
        )
    }

    private func supervision(_ supervisor: ProcessSupervisor?, _ urls: AsyncStream<String>) -> [any Service] {
        guard let supervisor, let settings = self.settings.supervision else { return [] }
        return [Supervision(supervisor: supervisor, settings: settings, serverURL: urls)]
    }

    /// Serves on a Unix socket for as long as `body` takes, with no housekeeping: for one command of this process.
    package func serve<Value>(onSocket path: String, while body: () async throws -> Value) async throws -> Value {
        let store = try await ServerStore.open(self.settings)
        let value: Value
        do {
            let domain = try await store.openDomain(
                self.settings.ledgerKey,
                self.settings.webhooks,
                period: SealingPeriod(self.settings.decisionPeriod)
            )
            value = try await self.run(domain, store, onSocket: path, while: body)
        } catch {
            // What went wrong first is what to tell.
            try? await store.close()
            throw error
        }
        try await store.close()
        return value
    }

    private func run<Value>(
        _ domain: Domain,
        _ store: ServerStore,
        onSocket path: String,
        while body: () async throws -> Value
    ) async throws -> Value {
        let (running, isRunning) = AsyncStream.makeStream(of: Void.self)
        let address = BindAddress.unixDomainSocket(path: path)
        let application = self.application(domain, store, nil, at: address, services: []) { _ in isRunning.yield() }
        let group = ServiceGroup(
            services: [application],
            cancellationSignals: [.sigterm, .sigint],
            logger: self.logger
        )
        return try await withThrowingTaskGroup { tasks in
            tasks.addTask {
                defer { isRunning.finish() }
                try await group.run()
            }
            var signals = running.makeAsyncIterator()
            guard await signals.next() != nil else {
                try await tasks.waitForAll()
                throw MartletError(.unavailable, "the data folder could not be served")
            }
            // Whether it worked or not, the server ends before its store is closed.
            let outcome = await Self.outcome(of: body)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            return try outcome.get()
        }
    }

    private static func outcome<Value>(of body: () async throws -> Value) async -> Result<Value, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func application(
        _ domain: Domain,
        _ store: ServerStore,
        _ backends: ProxyClient?,
        at address: BindAddress,
        services: [any Service],
        _ onRunning: @escaping @Sendable (any Channel) -> Void
    ) -> some ApplicationProtocol {
        let metrics = RequestMetrics()
        let gateway = backends.map { gatewayFrontEnd(domain: domain, backends: $0) }
        let frontEnds = frontEnds(
            domain: domain,
            settings: self.settings,
            metrics: metrics,
            gateway: gateway,
            isHealthy: { await Self.answers(store) }
        )
        return Application(
            router: buildRouter(serving: frontEnds, settings: self.settings, metrics: metrics),
            server: .martlet(idleTimeout: Self.idleTimeout, prepare: self.preparation(gateway, metrics)),
            configuration: .init(address: address),
            services: services,
            onServerRunning: onRunning,
            logger: self.logger
        )
    }

    /// What is added to each connection: requests to deployments take a shorter way.
    private func preparation(
        _ gateway: GatewayFrontEnd?,
        _ metrics: RequestMetrics
    ) -> @Sendable (any Channel) throws -> Void {
        guard let gateway else { return { _ in } }
        let check = self.settings.hostCheck
        return { channel in try gateway.prepare(channel, metrics: metrics, admits: check.admits) }
    }

    private static func answers(_ store: ServerStore) async -> Bool {
        let answer = await result(within: Self.readinessPatience) { () async throws(MartletError) in
            try await store.database.read { db throws(MartletError) in try db.query("SELECT 1").count == 1 }
        }
        return (try? answer?.get()) ?? false
    }
}
