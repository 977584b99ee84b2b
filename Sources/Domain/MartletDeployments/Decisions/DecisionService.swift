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
            guard let decision = try ExplainedDecision.all(.one(id), on: db).first else { throw .noDecision(id) }
            return decision
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
            let outcomes = OutcomeQueries.decode(try db.query(OutcomeQueries.all(of: key, from: start, upTo: last.id)))
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
            return try ExplainedDecision.all(.about(hash, of: deployment.key, limit: limit), on: db)
        }
    }

    /// Returns what shadows would have answered differently, the newest first.
    package func differences(
        in name: DeploymentName,
        limit: Int
    ) async throws(MartletError) -> [ExplainedDecision] {
        try await self.database.read(.search) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            return try ExplainedDecision.all(.differing(of: deployment.key, limit: limit), on: db)
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
        guard let row = try db.queryOne(DecisionQueries.find(id)) else { throw .noDecision(id) }
        return DecisionQueries.decode(row)
    }
}

extension MartletError {
    fileprivate static func noDecision(_ id: DecisionID) -> MartletError {
        MartletError(.notFound, "There is no record of a decision \(id).")
    }
}
