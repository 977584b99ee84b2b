package import MartletBackends
package import MartletCore
package import NIOCore
import NIOPosix
import Synchronization

/// The connections to all backends: HTTP/1.1, kept for as long as they are of use, on every event loop its own, so that
/// no request changes threads.
package final class ProxyClient: Sendable {
    private let group: any EventLoopGroup
    private let settings: ProxySettings
    private let dialler: Dialler
    private let state = Mutex(State())

    private struct State {
        /// By URL.
        var backends: [String: ProxyBackend] = [:]
        var isClosed = false
    }

    /// - Parameter group: The event loops that requests come in on.
    /// - Throws: `invalidArgument` when certificates cannot be used.
    package init(
        on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        settings: ProxySettings = ProxySettings()
    ) throws(MartletError) {
        self.group = group
        self.settings = settings
        self.dialler = try Dialler(settings)
    }

    /// Prepares to send a request, on the event loop of this thread if it is one's.
    ///
    /// - Parameters:
    ///   - url: Of the backend, without query and credentials.
    ///   - timeout: How long the answer may take to begin, and how long a short one may then pause.
    ///   - attemptsMax: How often a request may be sent that may be repeated.
    /// - Throws: `unreachable` for what is no URL.
    package func call(
        _ request: ProxiedRequest,
        to url: String,
        timeout: TimeAmount,
        attemptsMax: Int
    ) throws(ProxyFailure) -> ProxyCall {
        guard let backend = self.backend(at: url) else { throw .unreachable }
        return ProxyCall(request, through: backend.pool(), timeout: timeout, attemptsMax: attemptsMax)
    }

    /// Closes all connections, with what is under way on them; there will be no others.
    package func close() {
        let backends = self.state.withLock { state in
            defer { state = State(isClosed: true) }
            return Array(state.backends.values)
        }
        for backend in backends { backend.close() }
    }

    private func backend(at url: String) -> ProxyBackend? {
        self.state.withLock { state in
            if let backend = state.backends[url] { return backend }
            guard !state.isClosed, let address = BackendAddress(url: url) else { return nil }
            let backend = ProxyBackend(address, on: self.group, dialler: self.dialler, settings: self.settings)
            state.backends[url] = backend
            return backend
        }
    }
}

extension ProxyClient: BackendMeter {
    package func use(of url: String) -> BackendUse {
        self.state.withLock { $0.backends[url] }?.use ?? BackendUse()
    }
}

extension ProxyClient: BackendBreaker {
    package func readmit(_ url: String) {
        self.state.withLock { $0.backends[url] }?.health.readmit()
    }
}

/// One backend: how it is, and each event loop's connections to it.
private final class ProxyBackend: Sendable {
    private let pools: [ObjectIdentifier: BackendPool]
    private let anyPool: BackendPool
    let health: BackendHealth

    init(_ address: BackendAddress, on group: any EventLoopGroup, dialler: Dialler, settings: ProxySettings) {
        let health = BackendHealth()
        self.health = health
        func pool(on loop: any EventLoop) -> BackendPool {
            BackendPool(to: address, on: loop, health: health, dialler: dialler, settings: settings)
        }
        self.pools = Dictionary(
            group.makeIterator().map { (ObjectIdentifier($0), pool(on: $0)) },
            uniquingKeysWith: { pool, _ in pool }
        )
        self.anyPool = self.pools.values.first ?? pool(on: group.any())
    }

    /// That of this thread's event loop, if it has one.
    func pool() -> BackendPool {
        MultiThreadedEventLoopGroup.currentEventLoop.flatMap { self.pools[ObjectIdentifier($0)] } ?? self.anyPool
    }

    var use: BackendUse {
        self.pools.values.reduce(into: BackendUse()) { use, pool in pool.counter.add(to: &use) }
    }

    func close() {
        for pool in self.pools.values { pool.onLoop { pool.close() } }
    }
}
