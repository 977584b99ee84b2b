package import MartletBackends
package import MartletCore
import MartletRegistry
import MartletRouting
package import MartletSQL

/// Where arms answer, as this server knows it: by their URLs, or where it runs them itself.
package struct BackendAddresses: Sendable {
    /// `nil` on a server that runs nothing.
    package let supervisor: (any BackendSupervisor)?
    /// `nil` where nobody is asked.
    let probe: (any BackendProbe)?
    /// `nil` where no requests are sent.
    private let breaker: (any BackendBreaker)?

    package init(
        supervisor: (any BackendSupervisor)? = nil,
        probe: (any BackendProbe)? = nil,
        breaker: (any BackendBreaker)? = nil
    ) {
        self.supervisor = supervisor
        self.probe = probe
        self.breaker = breaker
    }

    /// Returns the URL below which an arm answers; `nil` while it does not.
    package func url(of arm: Arm) -> String? {
        switch arm.backend {
        case .url(let url): url
        case .supervised: self.supervisor?.url(of: arm.version.key)
        }
    }

    /// Whether what this server itself must run for a route runs, so far as somebody waits for its answers.
    func isReady(for route: Route) -> Bool {
        guard let supervisor else { return true }
        return route.arms.allSatisfy { arm in
            guard arm.role.answers, arm.share > .none, case .supervised = arm.backend else { return true }
            return supervisor.url(of: arm.version.key) != nil
        }
    }

    /// Gives every backend of a route that is about to come into force another chance: it was looked at, or somebody
    /// wants it all the same.
    func readmit(for route: Route) {
        guard let breaker else { return }
        for arm in route.arms { self.url(of: arm).map(breaker.readmit) }
    }

    /// Has the supervisor run what routes need, and nothing else.
    func keep(for routes: some Sequence<Route>) {
        guard let supervisor else { return }
        var versions: [RunnableVersion: Int64] = [:]
        for route in routes {
            for arm in route.arms where arm.backend == .supervised {
                let time = route.settings.timeoutMilliseconds
                versions[RunnableVersion(arm.version), default: time].formMax(time)
            }
        }
        supervisor.keep(versions)
    }
}

extension RunnableVersion {
    /// Returns it with the name that its model has now, by which alone its files can be fetched; another model may have
    /// got the one that it had.
    package func renamed(by database: any Database) async throws(MartletError) -> RunnableVersion {
        let present = try await database.read { db throws(MartletError) in
            try ServableVersion.find(key: self.key, on: db)
        }
        return RunnableVersion(key: self.key, model: present.model.rawValue, number: self.number, label: self.label)
    }

    init(_ version: ServedVersion) {
        self.init(
            key: version.key,
            model: version.model.rawValue,
            number: version.number.rawValue,
            label: version.label
        )
    }
}

extension Int64 {
    fileprivate mutating func formMax(_ other: Int64) { self = Swift.max(self, other) }
}
