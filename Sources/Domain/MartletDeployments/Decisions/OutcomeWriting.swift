import MartletCore
import MartletRouting
import MartletSQL

/// What came of a decision, as it is told.
package struct ToldOutcome: Sendable {
    /// Which decision it is of.
    package enum Target: Sendable {
        case decision(DecisionID)
        /// The newest about a subject, as the requests spelt it.
        case subject(String)
    }

    package let target: Target
    /// By metric; such as 1 for a sale and 0 for none.
    package let values: [String: Double]

    package init(of target: Target, _ values: [String: Double]) {
        self.target = target
        self.values = values
    }
}

/// Outcomes of one deployment that are about to be written; each is noted as a whole or not at all.
struct OutcomeWriting {
    private let deployment: FoundDeployment
    private let act: Act
    private let now: Timestamp
    private var experiment: ExperimentCounting?

    init(in deployment: FoundDeployment, by act: Act, at now: Timestamp, on db: any Connection) throws(MartletError) {
        self.deployment = deployment
        self.act = act
        self.now = now
        self.experiment = try ExperimentCounting(in: deployment.key, on: db)
    }

    /// Notes an outcome. All that it may be refused for is found before anything is written.
    mutating func note(_ told: ToldOutcome, on db: any Connection) throws(MartletError) {
        try Outcome.check(told.values)
        let decision = try self.decision(told.target, on: db)
        let news = try self.news(told.values, of: decision.id, on: db)
        guard !news.isEmpty else { return }
        if try self.experiment?.arm(of: decision, on: db) != nil { try self.experiment?.check(news) }
        for (metric, value) in news.sorted(by: { $0.key < $1.key }) {
            let outcome = Outcome(metric: metric, value: value, actor: self.act.actor, at: self.now)
            try db.execute(OutcomeQueries.insert(outcome, of: decision.id))
            try db.execute(OutcomeQueries.add(outcome, of: decision))
        }
        try self.experiment?.count(news, of: decision, on: db)
    }

    /// Writes what was added up; to be called at the end.
    func finish(on db: any Connection) throws(MartletError) {
        try self.experiment?.write(on: db)
    }

    private func decision(_ target: ToldOutcome.Target, on db: any Connection) throws(MartletError) -> Decision {
        switch target {
        case .decision(let id):
            let row = try db.queryOne(DecisionQueries.find(id))
            guard let decision = row.map(DecisionQueries.decode), decision.deploymentKey == self.deployment.key else {
                throw MartletError(.notFound, "'\(self.deployment.name)' has no record of a decision \(id).")
            }
            return decision
        case .subject(let subject):
            let hash = try self.deployment.hash(subject)
            guard let row = try db.queryOne(DecisionQueries.newest(about: hash, of: self.deployment.key)) else {
                throw MartletError(.notFound, "'\(self.deployment.name)' has decided nothing about that subject.")
            }
            return DecisionQueries.decode(row)
        }
    }

    /// Returns what was not said before.
    private func news(
        _ values: [String: Double],
        of id: DecisionID,
        on db: any Connection
    ) throws(MartletError) -> [String: Double] {
        var news = values
        for outcome in try db.query(OutcomeQueries.all(ofDecision: "= \(id)")).map(OutcomeQueries.decode) {
            guard let value = news.removeValue(forKey: outcome.metric) else { continue }
            guard value == outcome.value else {
                throw MartletError(
                    .conflict,
                    "'\(outcome.metric)' of that decision is \(outcome.value.brief) already, not \(value.brief)."
                )
            }
        }
        return news
    }
}

extension FoundDeployment {
    func hash(_ subject: String) throws(MartletError) -> SubjectHash {
        SubjectHash(Array(subject.utf8), salt: try RoutingSalt(Array(self.salt.utf8)))
    }
}
