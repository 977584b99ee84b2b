import MartletCore
import MartletEvents
import MartletJSON
import MartletRegistry
import MartletRouting
import MartletSQL

extension Finding {
    /// Writes it down and tells whoever listens, unless it was found before.
    ///
    /// - Parameter remark: Why not all was done that the condition asks for; of what was found before, only `nil`
    ///   counts: by now it is done.
    func record(remark: String?, at now: Timestamp, on db: any Connection) throws(MartletError) {
        guard try db.execute(ConditionQueries.insert(self, remark: remark, at: now)) > 0 else {
            if remark == nil { try db.execute(ConditionQueries.removeRemark(of: self)) }
            return
        }
        try Outbox.append(.conditionMet, on: db) { self.conditionEvent(remark: remark, at: now) }
        if self.condition.action == .pause { try self.pauseRollout(at: now, on: db) }
        guard self.condition.action == .requestRetraining else { return }
        try Outbox.append(.retrainingRequested, on: db) { self.retrainingEvent(at: now) }
    }

    private func pauseRollout(at now: Timestamp, on db: any Connection) throws(MartletError) {
        guard let rollout = try Rollout.newest(of: self.deploymentKey, on: db), rollout.state == .running else {
            return
        }
        let act = Act(by: Watcher.actor, reason: self.sentence)
        try RolloutTurn(.pause, by: act, at: now).apply(to: rollout, on: db)
    }

    private var subject: String { "deployment/\(self.deploymentKey)" }

    private func conditionEvent(remark: String?, at now: Timestamp) -> Event {
        Event(.conditionMet, of: self.subject, at: now) { json in
            json.member("deployment", self.deployment.rawValue)
            json.member("revision", self.revision)
            json.member("arm", self.arm.name.rawValue)
            json.member("name", self.arm.version.model.rawValue)
            json.member("version", self.arm.version.number.description)
            json.member("condition", self.condition.text)
            json.member("action", self.condition.action.rawValue)
            json.member("measured", self.evidence.measured)
            json.member("count", self.evidence.count)
            json.member("reason", self.sentence)
            json.member("remark", remark)
        }
    }

    private func retrainingEvent(at now: Timestamp) -> Event {
        Event(.retrainingRequested, of: self.subject, at: now) { json in
            json.member("name", self.arm.version.model.rawValue)
            json.member("version", self.arm.version.number.description)
            json.member("deployment", self.deployment.rawValue)
            json.member("reason", self.sentence)
        }
    }
}
