package import MartletCore
package import MartletSQL
import Synchronization

/// What requests are routed by: every deployment, as it was when this process last looked.
///
/// Should the database be away, the last state goes on being served.
package final class RouteTable: Sendable {
    private struct State {
        /// The change of deployments that was seen last.
        var change: Int64 = 0
        var routes: [String: Route] = [:]
        var waiting = WaitingRoutes()

        /// Another look, which began later, may have ended earlier.
        func isOlder(_ name: String, than route: Route) -> Bool {
            self.routes[name]?.isOlder(than: route) ?? true
        }
    }

    /// Which of the deployments have an experiment.
    package let experiments = ExperimentsUnderWay()
    private let database: any Database
    private let addresses: BackendAddresses
    private let state = Mutex(State())

    package init(database: any Database, addresses: BackendAddresses = .init()) {
        self.database = database
        self.addresses = addresses
    }

    package func route(to name: String) -> Route? {
        self.state.withLock { $0.routes[name] }
    }

    /// Every route, in no order.
    var all: [Route] { self.state.withLock { Array($0.routes.values) } }

    /// Follows what has changed. One small query where nothing has; to be called several times a second.
    ///
    /// - Returns: What requests are routed by from now on, and were not before.
    @discardableResult
    package func refresh() async throws(MartletError) -> [Route] {
        var adopted: [Route] = []
        while true {
            let seen = self.state.withLock { $0.change }
            let news = try await self.database.read { db throws(MartletError) in
                let last = try db.queryOne(DeploymentQueries.lastChange)?.integer(0) ?? 0
                return last > seen ? try News(since: seen, on: db) : nil
            }
            guard news != nil || self.state.withLock({ !$0.waiting.isEmpty }) else { return adopted }
            adopted += self.state.withLock { state in self.follow(news, &state) }
            guard let news, news.change > seen else { return adopted }
        }
    }

    /// Goes by what has changed, as far as what this server runs itself is ready.
    private func follow(_ news: News?, _ state: inout State) -> [Route] {
        for (name, route) in news?.routes ?? [:] { state.waiting.add(route, named: name) }
        for (name, key) in news?.deleted ?? [] {
            // The name may have been given to another one since.
            if let present = state.routes[name], present.deployment.key <= key { state.routes[name] = nil }
            state.waiting.remove(name, upTo: key)
        }
        let routes = state.routes
        let due = state.waiting.takeDue { routes[$0] == nil || self.addresses.isReady(for: $1) }
        let adopted = due.filter(state.isOlder)
        for route in adopted.values { self.addresses.readmit(for: route) }
        state.routes.merge(adopted) { $1 }
        if let news {
            if news.change >= state.change { self.experiments.replace(by: news.experiments) }
            state.change = max(state.change, news.change)
        }
        self.addresses.keep(for: state.routes.values + state.waiting.routes)
        return Array(adopted.values)
    }
}

/// What has changed since a look; not all of it, when that is much.
private struct News: Sendable {
    private static let deploymentsMax = 1_000

    private(set) var change: Int64
    private(set) var routes: [String: Route] = [:]
    private(set) var deleted: [(name: String, key: Int64)] = []
    /// The deployments that have one under way.
    let experiments: Set<Int64>

    init(since seen: Int64, on db: any Connection) throws(MartletError) {
        self.change = seen
        self.experiments = Set(try db.query(ExperimentQueries.deploymentsUnderWay).map { $0.integer(0) })
        let rows = try db.query(DeploymentQueries.changed(since: seen, limit: Self.deploymentsMax))
        guard let last = rows.last?.integer(6) else { return }
        self.change = last
        let revisions = try RevisionsInForce(DeploymentQueries.inForce(changedIn: seen + 1...last), on: db)
        for row in rows {
            let deployment = DeploymentQueries.decode(row)
            guard row.optionalInteger(5) == nil, let revision = try revisions.revision(ofKey: deployment.key) else {
                self.deleted.append((deployment.name.rawValue, deployment.key))
                continue
            }
            self.routes[deployment.name.rawValue] = try Route(deployment.with(revision))
        }
    }
}
