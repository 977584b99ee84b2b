package import MartletCore
import MartletJSON
import MartletLedger
import MartletRouting
package import MartletSearch
package import MartletSQL
import MartletStatistics

/// The rules by which a deployment's arms are compared.
package struct DeploymentExperimentService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings
    private let routes: RouteTable
    private let effects: EffectLog

    /// - Parameter routes: What this server's gateway goes by; it follows a change before that is answered.
    package init(database: any Database, surroundings: Surroundings, routes: RouteTable, effects: EffectLog) {
        self.database = database
        self.surroundings = surroundings
        self.routes = routes
        self.effects = effects
    }

    /// Writes down a plan; what is decided from the next revision on is compared by it.
    ///
    /// - Throws: `conflict` when one is under way, when there are no two arms that answer, or when no records of
    ///   decisions are kept.
    package func start(
        _ draft: ExperimentDraft,
        in name: DeploymentName,
        by act: Act
    ) async throws(MartletError) -> ExperimentReport {
        let plan = try ExperimentPlan(
            goal: draft.goal,
            guardrails: draft.guardrails,
            alpha: draft.alpha,
            minimumSample: draft.minimumSample,
            tightestAt: draft.tightestAt
        )
        let now = self.surroundings.now()
        return try await self.changing { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            let revision = try deployment.revision(deployment.revision, on: db)
            try Self.requireNone(in: deployment, on: db)
            guard revision.settings.recording != .off else {
                throw MartletError(.conflict, "'\(name)' keeps no records of decisions, so it has nothing to compare.")
            }
            let design = ExperimentDesign(plan: plan, arms: try Self.arms(of: revision, baseline: draft.baseline))
            return try Self.begin(design, in: deployment, at: revision, by: act, now: now, on: db)
        }
    }

    /// Ends what is under way, and writes its verdicts down.
    ///
    /// - Parameter number: `nil` for whichever is under way.
    /// - Throws: `conflict` when it has ended, or none is under way.
    package func stop(
        _ number: Int64?,
        in name: DeploymentName,
        by act: Act
    ) async throws(MartletError) -> ExperimentReport {
        let now = self.surroundings.now()
        return try await self.changing { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            if let number { _ = try Self.find(number, in: deployment, on: db) }
            guard let experiment = try Self.underWay(in: deployment, on: db),
                experiment.number == number ?? experiment.number
            else {
                let which = number.map { "experiment \($0) is not under way" } ?? "no experiment is under way"
                throw MartletError(.conflict, "In '\(name)', \(which).")
            }
            let report = try ExperimentReport(experiment, on: db)
            let event = LedgerEvent(
                .stopExperiment,
                of: .deployment(key: deployment.key, name: name.rawValue),
                by: act,
                at: now,
                details: report.ledgerDetails
            )
            let end = DeploymentExperiment.End(act: act, at: now, entry: try Ledger.append(event, on: db))
            try db.execute(ExperimentQueries.stop(experiment.key, end))
            // Gateways look for what they are to count when this changes.
            try db.execute(DeploymentQueries.countChange)
            return try ExperimentReport(try Self.find(experiment.number, in: deployment, on: db), on: db)
        }
    }

    /// Forgets who took part in experiments that have ended: what was added up stays, and is all that is looked at.
    package func forgetUnits() async throws(MartletError) {
        let ended = try await self.database.read(.search) { db throws(MartletError) in
            try db.query(ExperimentQueries.remembering).map { (key: $0.integer(0), deploymentKey: $0.integer(1)) }
        }
        for experiment in ended {
            while try await self.forgetSome(of: experiment.key, in: experiment.deploymentKey) {}
        }
    }

    /// How many are forgotten at once, while outcomes of the deployment wait.
    private static let unitsPerWrite = 2_000

    /// Returns whether there was anybody.
    private func forgetSome(of key: Int64, in deploymentKey: Int64) async throws(MartletError) -> Bool {
        try await self.database.write(.outcomes(of: deploymentKey)) { db throws(MartletError) in
            let units = try db.query(ExperimentQueries.units(of: key, limit: Self.unitsPerWrite))
            guard let last = units.last?.bytes(0) else { return false }
            for statement in ExperimentQueries.forget(upTo: last, of: key) { try db.execute(statement) }
            return true
        }
    }

    /// Returns an experiment with what it says by now.
    ///
    /// - Parameter number: `nil` for the newest.
    package func report(
        _ number: Int64?,
        in name: DeploymentName
    ) async throws(MartletError) -> ExperimentReport {
        try await self.database.read { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            if let number { return try ExperimentReport(try Self.find(number, in: deployment, on: db), on: db) }
            guard let newest = try Self.newest(in: deployment, on: db) else {
                throw MartletError(.notFound, "'\(name)' has had no experiment.")
            }
            return try ExperimentReport(newest, on: db)
        }
    }

    /// Returns a page of experiments, the newest first.
    ///
    /// - Parameter number: Where the page before this one ended.
    package func list(
        in name: DeploymentName,
        before number: Int64 = .max,
        limit: Int
    ) async throws(MartletError) -> Page<DeploymentExperiment> {
        try await self.database.read(.search) { db throws(MartletError) in
            let key = try FoundDeployment.find(name, on: db).key
            let rows = try db.query(ExperimentQueries.list(in: key, before: number, limit: limit + 1))
            let experiments = try rows.prefix(limit).map { row throws(MartletError) in
                try ExperimentQueries.decode(row)
            }
            return Page(experiments, hasNext: rows.count > limit) { .integer($0.number) }
        }
    }
}

extension DeploymentExperimentService {
    private func changing(
        _ body: @Sendable @escaping (any Connection) throws(MartletError) -> ExperimentReport
    ) async throws(MartletError) -> ExperimentReport {
        let report = try await self.database.write(body)
        // The change has taken place; should the table not follow now, it does with the next look.
        try? await self.effects.follow(self.routes)
        return report
    }

    private static func begin(
        _ design: ExperimentDesign,
        in deployment: FoundDeployment,
        at revision: Revision,
        by act: Act,
        now: Timestamp,
        on db: any Connection
    ) throws(MartletError) -> ExperimentReport {
        let number = (try Self.newest(in: deployment, on: db)?.number ?? 0) + 1
        let firstRevision = deployment.revision + 1
        let event = LedgerEvent(
            .startExperiment,
            of: .deployment(key: deployment.key, name: deployment.name.rawValue),
            by: act,
            at: now,
            details: [
                .init("experiment", CanonicalJSON(number)), .init("plan", design.json),
                .init("revision", CanonicalJSON(firstRevision)),
            ]
        )
        let experiment = DeploymentExperiment(
            key: 0,
            deploymentKey: deployment.key,
            number: number,
            design: design,
            firstRevision: firstRevision,
            act: act,
            startedAt: now,
            entry: try Ledger.append(event, on: db),
            end: nil
        )
        guard let row = try db.queryOne(ExperimentQueries.insert(experiment)) else {
            throw MartletError(.internal, "the database gave no experiment key")
        }
        _ = try RevisionWriting(
            deployment: deployment,
            cause: .experiment,
            arms: revision.arms,
            settings: revision.settings,
            act: act,
            now: now
        ).write(on: db)
        return try ExperimentReport(try ExperimentQueries.decode(row), on: db)
    }

    private static func requireNone(in deployment: FoundDeployment, on db: any Connection) throws(MartletError) {
        guard let experiment = try Self.underWay(in: deployment, on: db) else { return }
        throw MartletError(
            .conflict,
            "'\(deployment.name)' has an experiment under way: '\(experiment.act.actor)' started it at "
                + "\(experiment.startedAt.text). Stop it first."
        )
    }

    /// The arms that are compared, the baseline first.
    private static func arms(
        of revision: Revision,
        baseline name: ArmName?
    ) throws(MartletError) -> [ExperimentArm] {
        let arms = revision.arms.filter { $0.role.answers && $0.share > .none }
        guard arms.count > 1 else {
            throw MartletError(
                .conflict,
                "There is nothing to compare: an experiment needs two arms that answer. Deploy another version as a "
                    + "canary or a challenger."
            )
        }
        let wanted = name ?? revision.primary?.name
        guard let baseline = arms.first(where: { $0.name == wanted }) else {
            let names = arms.map(\.name.rawValue).joined(separator: ", ")
            throw .invalid("The baseline is an arm that answers: there are \(names).")
        }
        return ([baseline] + arms.filter { $0.name != baseline.name }).map {
            ExperimentArm(name: $0.name, digest: $0.version.digest)
        }
    }

    private static func newest(
        in deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> DeploymentExperiment? {
        try db.queryOne(ExperimentQueries.list(in: deployment.key, before: .max, limit: 1))
            .map { row throws(MartletError) in try ExperimentQueries.decode(row) }
    }

    private static func underWay(
        in deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> DeploymentExperiment? {
        try db.queryOne(ExperimentQueries.underWay(in: deployment.key))
            .map { row throws(MartletError) in try ExperimentQueries.decode(row) }
    }

    private static func find(
        _ number: Int64,
        in deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> DeploymentExperiment {
        guard let row = try db.queryOne(ExperimentQueries.find(number, in: deployment.key)) else {
            throw MartletError(.notFound, "'\(deployment.name)' has no experiment \(number).")
        }
        return try ExperimentQueries.decode(row)
    }
}
