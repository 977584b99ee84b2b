package import MartletCore
package import MartletSQL

/// Remembers when this server, and every other one on the same database, began to route by a revision.
package struct EffectLog: Sendable {
    /// How long an answer waits for the other servers.
    private static let patience = Duration.seconds(2)
    private static let pollInterval = Duration.milliseconds(20)

    private let database: any Database
    private let surroundings: Surroundings
    /// Names this server for as long as it runs.
    private let server: String
    /// Whether there may be other servers.
    private let isShared: Bool

    package init(database: any Database, surroundings: Surroundings, isShared: Bool) {
        self.database = database
        self.surroundings = surroundings
        self.server = surroundings.randomIdentifier()
        self.isShared = isShared
    }

    private var scope: WriteScope { .only(WriteKey("serving server", self.server)) }

    /// Says that this server is there; to be called every two seconds.
    package func beat() async throws(MartletError) {
        guard self.isShared else { return }
        let now = self.surroundings.now()
        try await self.database.write(self.scope) { db throws(MartletError) in
            try db.execute(EffectQueries.beat(self.server, at: now))
            try db.execute(EffectQueries.forgetOld(at: now))
        }
    }

    /// Says that this server stops.
    package func leave() async throws(MartletError) {
        guard self.isShared else { return }
        try await self.database.write(self.scope) { db throws(MartletError) in
            try db.execute(EffectQueries.leave(self.server))
        }
    }

    /// Has this server route by what has changed, and says so.
    ///
    /// - Parameter key: Of a deployment whose effect is noted elsewhere.
    package func follow(_ routes: RouteTable, butFor key: Int64? = nil) async throws(MartletError) {
        let adopted = try await routes.refresh()
        try await self.note(adopted.filter { $0.deployment.key != key })
    }

    /// Says that this server routes by some revisions from now on.
    private func note(_ routes: [Route]) async throws(MartletError) {
        guard !routes.isEmpty else { return }
        let now = self.surroundings.now()
        try await self.database.write(self.scope) { db throws(MartletError) in
            for route in routes {
                let (key, number) = (route.deployment.key, route.deployment.revision.number)
                try db.execute(EffectQueries.note(number, of: key, by: self.server, took: nil, at: now))
            }
        }
    }

    /// The same of a revision that this server was asked for.
    ///
    /// - Parameters:
    ///   - took: How long it took.
    ///   - isPatient: Whether to wait, for a bounded time, until all other servers have said it, too.
    /// - Returns: What is known now.
    func note(
        _ revision: Int64,
        of key: Int64,
        took: Duration,
        isPatient: Bool
    ) async throws(MartletError) -> RevisionEffect? {
        let (now, deadline) = (self.surroundings.now(), ContinuousClock.now + Self.patience)
        let milliseconds = took.components.seconds * 1_000 + took.components.attoseconds / 1_000_000_000_000_000
        try await self.database.write(self.scope) { db throws(MartletError) in
            try db.execute(EffectQueries.note(revision, of: key, by: self.server, took: milliseconds, at: now))
        }
        while true {
            let effect = try await self.effect(of: key, revision)
            guard isPatient, let effect, effect.missing > 0, ContinuousClock.now < deadline else {
                return effect
            }
            // Cancelled, the caller has gone, and nobody waits for the answer.
            do { try await Task.sleep(for: Self.pollInterval) } catch { return effect }
        }
    }

    private func effect(of key: Int64, _ revision: Int64) async throws(MartletError) -> RevisionEffect? {
        let now = self.surroundings.now()
        return try await self.database.read { db throws(MartletError) in
            let row = try db.queryOne(EffectQueries.effects(of: key, revisions: revision...revision))
            guard let row else { return nil }
            let missing = try db.queryOne(EffectQueries.missing(revision, of: key, at: now))?.integer(0) ?? 0
            return EffectQueries.decode(row, missing: missing)
        }
    }
}
