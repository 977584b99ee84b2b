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
        let deployment = try await self.database.read { db throws(MartletError) in
            try FoundDeployment.find(key: try Self.find(id, on: db).deploymentKey, on: db)
        }
        let refusals = try await self.tell([ToldOutcome(of: .decision(id), values)], in: deployment, by: act)
        if let refusal = refusals.first { throw refusal.value }
    }

    /// Notes what came of decisions of one deployment. To say the same again is fine.
    ///
    /// - Returns: Why some were refused, by their places.
    /// - Throws: What no outcome is to blame for. Some may have been noted: say all of them again.
    package func tell(
        _ outcomes: [ToldOutcome],
        in name: DeploymentName,
        by act: Act
    ) async throws(MartletError) -> [Int: MartletError] {
        let deployment = try await self.database.read { db throws(MartletError) in
            try FoundDeployment.find(name, on: db)
        }
        var refusals: [Int: MartletError] = [:]
        for start in stride(from: 0, to: outcomes.count, by: Self.outcomesPerWrite) {
            let some = Array(outcomes[start...].prefix(Self.outcomesPerWrite))
            for (index, refusal) in try await self.tell(some, in: deployment, by: act) {
                refusals[start + index] = refusal
            }
        }
        return refusals
    }

    /// How many outcomes share a transaction, and keep others waiting meanwhile.
    private static let outcomesPerWrite = 200

    private func tell(
        _ outcomes: [ToldOutcome],
        in deployment: FoundDeployment,
        by act: Act
    ) async throws(MartletError) -> [Int: MartletError] {
        let now = self.surroundings.now()
        return try await self.database.write(.outcomes(of: deployment.key)) { db throws(MartletError) in
            var writing = try OutcomeWriting(in: deployment, by: act, at: now, on: db)
            var refusals: [Int: MartletError] = [:]
            for (index, outcome) in outcomes.enumerated() {
                do throws(MartletError) {
                    try writing.note(outcome, on: db)
                } catch {
                    guard [.invalidArgument, .notFound, .conflict].contains(error.code) else { throw error }
                    refusals[index] = error
                }
            }
            try writing.finish(on: db)
            return refusals
        }
    }

    private static func find(_ id: DecisionID, on db: any Connection) throws(MartletError) -> Decision {
        guard let row = try db.queryOne(DecisionQueries.find(id)) else {
            throw MartletError(.notFound, "There is no record of a decision \(id).")
        }
        return DecisionQueries.decode(row)
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
        let deployment = try FoundDeployment.find(key: decision.deploymentKey, on: db)
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
