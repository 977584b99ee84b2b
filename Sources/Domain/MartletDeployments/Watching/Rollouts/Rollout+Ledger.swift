import MartletCore
import MartletJSON
import MartletLedger
import MartletRegistry
import MartletRouting
import MartletSQL

extension Rollout {
    /// Reads a deployment's newest roll-out, the only one that can be open.
    static func newest(of deploymentKey: Int64, on db: any Connection) throws(MartletError) -> Rollout? {
        try db.queryOne(RolloutQueries.newest(of: deploymentKey)).map { row throws(MartletError) in
            try RolloutQueries.decode(row)
        }
    }

    /// What the ledger remembers of something that becomes of it.
    func event(
        _ action: LedgerAction,
        by act: Act,
        at now: Timestamp,
        _ details: [CanonicalJSON.Member]
    ) -> LedgerEvent {
        LedgerEvent(
            action,
            of: .deployment(key: self.deploymentKey, name: self.deployment.rawValue),
            by: act,
            at: now,
            details: [
                .init("arm", .string(self.plan.arm.rawValue)),
                .init("rollout", CanonicalJSON(self.key)),
                .init("stepsDone", CanonicalJSON(Int64(self.stepsDone))),
            ] + details
        )
    }
}

extension RolloutPlan {
    /// What the ledger says of a plan that begins: shares are parts of a million, times milliseconds.
    ///
    /// - Parameter start: When its first step is due.
    func details(from start: Timestamp) -> [CanonicalJSON.Member] {
        var plan: [CanonicalJSON.Member] = [
            .init("atLeast", CanonicalJSON(self.requestsMin)),
            .init("everyMs", CanonicalJSON(self.pause.milliseconds)),
            .init("model", .string(self.model.rawValue)),
            .init("start", .string(start.text)),
            .init("steps", .array(self.steps.map { CanonicalJSON(Int64($0.partsPerMillion)) })),
            .init("version", CanonicalJSON(self.version.rawValue)),
        ]
        if let conditions { plan.append(.init("conditions", .array(conditions.map { .string($0.text) }))) }
        return [.init("plan", .object(plan))]
    }
}
