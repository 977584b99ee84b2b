package import MartletCore
import MartletRouting
package import MartletSQL

/// What was decided, for whoever asks later, and what came of it.
package struct DecisionService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings

    package init(database: any Database, surroundings: Surroundings) {
        self.database = database
        self.surroundings = surroundings
    }

    /// Returns a decision with all that explains it.
    ///
    /// - Throws: `notFound` also for one that has not been written yet, or was lost as its deployment allows.
    package func decision(_ id: DecisionID) async throws(MartletError) -> ExplainedDecision {
        try await self.database.read { db throws(MartletError) in
            try ExplainedDecision(try Self.find(id, on: db), on: db)
        }
    }

    /// Returns what was decided about a subject, the newest first.
    ///
    /// - Parameter subject: As the requests spelt it.
    package func decisions(
        about subject: String,
        in name: DeploymentName,
        limit: Int
    ) async throws(MartletError) -> [ExplainedDecision] {
        try await self.database.read(.search) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            let hash = try deployment.hash(subject)
            return try db.query(DecisionQueries.find(about: hash, of: deployment.key, limit: limit))
                .map { row throws(MartletError) in try ExplainedDecision(DecisionQueries.decode(row), on: db) }
        }
    }

    /// Notes what came of a decision. To say the same again is fine.
    ///
    /// - Parameter values: By metric; such as 1 for a sale and 0 for none.
    /// - Throws: `notFound` when there is no such decision; `conflict` when something else was said before.
    package func tell(_ values: [String: Double], of id: DecisionID, by act: Act) async throws(MartletError) {
        try Outcome.check(values)
        let now = self.surroundings.now()
        // Sums are rows that others change as well, each with one statement.
        try await self.database.write(.only(WriteKey("decision", id.description))) { db throws(MartletError) in
            let decision = try Self.find(id, on: db)
            for (metric, value) in values.sorted(by: { $0.key < $1.key }) {
                let outcome = Outcome(metric: metric, value: value, actor: act.actor, at: now)
                try Self.write(outcome, of: decision, on: db)
            }
        }
    }

    /// Notes what came of the newest decision about a subject.
    ///
    /// - Throws: `notFound` when there is none.
    package func tell(
        _ values: [String: Double],
        about subject: String,
        in name: DeploymentName,
        by act: Act
    ) async throws(MartletError) -> DecisionID {
        let id = try await self.database.read { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            let hash = try deployment.hash(subject)
            guard let row = try db.queryOne(DecisionQueries.find(about: hash, of: deployment.key, limit: 1)) else {
                throw MartletError(.notFound, "'\(name)' has decided nothing about that subject.")
            }
            return DecisionQueries.decode(row).id
        }
        try await self.tell(values, of: id, by: act)
        return id
    }

    private static func find(_ id: DecisionID, on db: any Connection) throws(MartletError) -> Decision {
        guard let row = try db.queryOne(DecisionQueries.find(id)) else {
            throw MartletError(.notFound, "There is no record of a decision \(id).")
        }
        return DecisionQueries.decode(row)
    }

    private static func write(
        _ outcome: Outcome,
        of decision: Decision,
        on db: any Connection
    ) throws(MartletError) {
        if let row = try db.queryOne(OutcomeQueries.find(outcome.metric, of: decision.id)) {
            guard row.real(0) == outcome.value else {
                throw MartletError(
                    .conflict,
                    "'\(outcome.metric)' of that decision is \(row.real(0).brief) already, not \(outcome.value.brief)."
                )
            }
            return
        }
        try db.execute(OutcomeQueries.insert(outcome, of: decision.id))
        try db.execute(OutcomeQueries.add(outcome, of: decision))
    }
}

/// A decision and what its numbers stand for.
package struct ExplainedDecision: Sendable {
    package let decision: Decision
    package let deployment: DeploymentName
    package let revision: Revision
    package let arm: Arm
    package let outcomes: [Outcome]

    init(_ decision: Decision, on db: any Connection) throws(MartletError) {
        guard let row = try db.queryOne(DeploymentQueries.find(key: decision.deploymentKey)) else {
            throw MartletError(.integrity, "the deployment of a decision is missing")
        }
        let deployment = DeploymentQueries.decode(row)
        self.decision = decision
        self.deployment = deployment.name
        self.revision = try deployment.revision(decision.revision, on: db)
        guard self.revision.arms.indices.contains(decision.arm) else {
            throw MartletError(.integrity, "the arm of a decision is missing")
        }
        self.arm = self.revision.arms[decision.arm]
        self.outcomes = try db.query(OutcomeQueries.all(of: decision.id)).map(OutcomeQueries.decode)
    }
}

extension FoundDeployment {
    fileprivate func hash(_ subject: String) throws(MartletError) -> SubjectHash {
        SubjectHash(Array(subject.utf8), salt: try RoutingSalt(Array(self.salt.utf8)))
    }
}
