package import MartletCore
import MartletRouting
package import MartletSQL

/// What was decided, for whoever asks later, and what came of it.
package struct DecisionService: Sendable {
    private let database: any Database
    private let log: DecisionLog
    private let surroundings: Surroundings

    /// - Parameter log: What has been decided is there until it is in the database.
    package init(database: any Database, log: DecisionLog, surroundings: Surroundings) {
        self.database = database
        self.log = log
        self.surroundings = surroundings
    }

    /// Returns a decision with all that explains it.
    ///
    /// - Throws: `notFound` also for one that another server has not written yet, or was lost as its deployment allows.
    package func decision(_ id: DecisionID) async throws(MartletError) -> ExplainedDecision {
        try await self.readWritten { db throws(MartletError) in
            var context = DecisionContext()
            return try ExplainedDecision(try Self.find(id, on: db), &context, on: db)
        }
    }

    /// Returns what a decision's request and answer were.
    ///
    /// - Throws: `notFound` where they were not kept.
    package func payload(of id: DecisionID) async throws(MartletError) -> Payload {
        try await self.readWritten { db throws(MartletError) in
            _ = try Self.find(id, on: db)
            guard let row = try db.queryOne(PayloadQueries.find(id)) else {
                throw MartletError(.notFound, "The request and the answer of that decision were not kept.")
            }
            return PayloadQueries.decode(row)
        }
    }

    /// Proves that the record of a decision is as it was when it was sealed.
    ///
    /// - Throws: `conflict` for a decision that is too young; `integrity` when records have been changed.
    package func proof(of id: DecisionID) async throws(MartletError) -> DecisionProof {
        try await self.readWritten(.search) { db throws(MartletError) in
            try DecisionProof(try Self.find(id, on: db), on: db)
        }
    }

    /// Returns the records of some time, in the order of their ids, each as a line of JSON with its outcomes.
    ///
    /// - Parameters:
    ///   - last: The one after which to go on; `nil` for the beginning.
    ///   - limit: How many at most.
    package func lines(
        of name: DeploymentName,
        _ times: Range<Timestamp>,
        after last: DecisionID?,
        limit: Int
    ) async throws(MartletError) -> [String] {
        await self.writeWaiting()
        return try await self.database.read(.search) { db throws(MartletError) in
            let key = try FoundDeployment.find(name, on: db).key
            let start = max(DecisionID(first: times.lowerBound), last?.next ?? DecisionID(first: times.lowerBound))
            let end = DecisionID(first: times.upperBound)
            let decisions = try db.query(DecisionQueries.all(of: key, from: start, until: end, limit: limit))
                .map(DecisionQueries.decode)
            guard let last = decisions.last else { return [] }
            var outcomes: [DecisionID: [Outcome]] = [:]
            for row in try db.query(OutcomeQueries.all(of: key, from: start, upTo: last.id)) {
                outcomes[DecisionID(stored: row.bytes(4)), default: []].append(OutcomeQueries.decode(row))
            }
            var context = DecisionContext()
            return try decisions.map { decision throws(MartletError) in
                try context.line(of: decision, on: db).text(with: outcomes[decision.id] ?? [])
            }
        }
    }

    /// The time by which this server goes.
    package var now: Timestamp { self.surroundings.now() }

    /// Returns what was decided about a subject, the newest first.
    ///
    /// - Parameter subject: As the requests spelt it.
    package func decisions(
        about subject: String,
        in name: DeploymentName,
        limit: Int
    ) async throws(MartletError) -> [ExplainedDecision] {
        await self.writeWaiting()
        return try await self.database.read(.search) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            let hash = try deployment.hash(subject)
            var context = DecisionContext()
            var decisions: [ExplainedDecision] = []
            for row in try db.query(DecisionQueries.find(about: hash, of: deployment.key, limit: limit)) {
                decisions.append(try ExplainedDecision(DecisionQueries.decode(row), &context, on: db))
            }
            return decisions
        }
    }

    /// Returns what shadows would have answered differently, the newest first.
    package func differences(
        in name: DeploymentName,
        limit: Int
    ) async throws(MartletError) -> [ExplainedDecision] {
        try await self.database.read(.search) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            var context = DecisionContext()
            var decisions: [ExplainedDecision] = []
            for row in try db.query(DecisionQueries.differing(of: deployment.key, limit: limit)) {
                decisions.append(try ExplainedDecision(DecisionQueries.decode(row), &context, on: db))
            }
            return decisions
        }
    }

    /// Notes what came of a decision. To say the same again is fine.
    ///
    /// - Parameter values: By metric; such as 1 for a sale and 0 for none.
    /// - Throws: `notFound` when there is no such decision; `conflict` when something else was said before.
    package func tell(_ values: [String: Double], of id: DecisionID, by act: Act) async throws(MartletError) {
        let deployment = try await self.readWritten { db throws(MartletError) in
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
        await self.writeWaiting()
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

    /// Reads, and where a decision is not found, reads again after what waits is written.
    private func readWritten<Value: Sendable>(
        _ extent: ReadExtent = .lookup,
        _ body: @escaping @Sendable (any Connection) throws(MartletError) -> Value
    ) async throws(MartletError) -> Value {
        do throws(MartletError) {
            return try await self.database.read(extent, body)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        await self.writeWaiting()
        return try await self.database.read(extent, body)
    }

    /// What cannot be written now is no reason not to read what is there.
    private func writeWaiting() async {
        try? await self.log.flush()
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
    /// What shadows made of copies of its request.
    package let shadows: [(decision: Decision, arm: Arm)]

    init(_ decision: Decision, _ context: inout DecisionContext, on db: any Connection) throws(MartletError) {
        self.decision = decision
        self.deployment = try context.deployment(decision.deploymentKey, on: db).name
        self.revision = try context.revision(of: decision, on: db)
        self.arm = try context.arm(of: decision, on: db)
        self.outcomes = try db.query(OutcomeQueries.all(of: decision.id)).map(OutcomeQueries.decode)
        var shadows: [(decision: Decision, arm: Arm)] = []
        for row in try db.query(DecisionQueries.shadows(of: decision.id)) {
            let shadow = DecisionQueries.decode(row)
            shadows.append((shadow, try context.arm(of: shadow, on: db)))
        }
        self.shadows = shadows
    }
}
