/// Routes of revisions that are in force, and that this server does not go by yet, because what it must run for them
/// is not ready.
struct WaitingRoutes: Sendable {
    /// How long a deployment goes on with the revision before; then what was decided holds.
    private static let timeMax = Duration.seconds(120)
    /// The same where somebody went back: what serves now is what nobody wants.
    private static let rollbackTimeMax = Duration.seconds(10)

    private struct Entry {
        let route: Route
        let since: ContinuousClock.Instant

        var isLate: Bool {
            let isRollback = self.route.deployment.revision.cause == .rollback
            return .now - self.since >= (isRollback ? WaitingRoutes.rollbackTimeMax : WaitingRoutes.timeMax)
        }
    }

    private var entries: [String: Entry] = [:]

    var isEmpty: Bool { self.entries.isEmpty }
    var routes: [Route] { self.entries.values.map(\.route) }

    /// Adds one, unless there is a newer one already.
    mutating func add(_ route: Route, named name: String) {
        if let present = self.entries[name]?.route, !present.isOlder(than: route) { return }
        self.entries[name] = Entry(route: route, since: .now)
    }

    /// Takes away what was deleted, unless the name has been given to a later one.
    mutating func remove(_ name: String, upTo key: Int64) {
        if let present = self.entries[name]?.route, present.deployment.key <= key { self.entries[name] = nil }
    }

    /// Takes out those that need not wait any more.
    mutating func takeDue(_ isReady: (String, Route) -> Bool) -> [String: Route] {
        let due = self.entries.filter { $0.value.isLate || isReady($0.key, $0.value.route) }
        for name in due.keys { self.entries[name] = nil }
        return due.mapValues(\.route)
    }
}
