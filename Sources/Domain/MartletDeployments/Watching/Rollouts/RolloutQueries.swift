import MartletCore
import MartletJSON
import MartletRegistry
import MartletRouting
import MartletSQL

/// Every statement that touches `rollout`.
enum RolloutQueries {
    private static let columns: SQL = """
        r.rollout_key, r.deployment_key, d.name, r.state, r.model, r.version, r.arm, r.url, r.steps, r.pause_ms,
        r.requests_min, r.conditions, r.actor, r.reason, r.steps_done, r.revision, r.due_ms, r.remark, r.created_ms,
        r.changed_ms, r.version_key
        """
    private static let select: SQL =
        "SELECT \(columns) FROM rollout r JOIN deployment d ON d.deployment_key = r.deployment_key"

    static func newest(of deploymentKey: Int64) -> SQL {
        "\(self.select) WHERE r.deployment_key = \(deploymentKey) ORDER BY r.rollout_key DESC LIMIT 1"
    }

    /// Those whose next step may be taken.
    static func due(at now: Timestamp, after key: Int64, limit: Int) -> SQL {
        """
        \(self.select) WHERE r.state IN ('scheduled', 'running') AND r.due_ms <= \(now) AND r.rollout_key > \(key)
        ORDER BY r.rollout_key LIMIT \(limit)
        """
    }

    static func insert(
        _ plan: RolloutPlan,
        of deploymentKey: Int64,
        by act: Act,
        dueAt: Timestamp,
        at now: Timestamp
    ) -> SQL {
        """
        INSERT INTO rollout (
            deployment_key, state, model, version, version_key, arm, url, steps, pause_ms, requests_min,
            conditions, actor, reason, steps_done, revision, due_ms, remark, created_ms, changed_ms
        ) VALUES (
            \(deploymentKey), 'scheduled', \(plan.model.rawValue), \(plan.version.rawValue), \(plan.versionKey),
            \(plan.arm.rawValue), \(plan.backend.stored), \(plan.storedSteps), \(plan.pause.milliseconds),
            \(plan.requestsMin), \(plan.storedConditions), \(act.actor.rawValue), \(act.reason),
            0, NULL, \(dueAt), NULL, \(now), \(now)
        )
        """
    }

    /// Changes nothing unless the roll-out is where it was seen.
    static func advance(
        _ rollout: Rollout,
        to state: Rollout.State,
        as revision: Revision,
        dueAt: Timestamp
    ) -> SQL {
        """
        UPDATE rollout SET state = \(state.rawValue), steps_done = \(rollout.stepsDone + 1),
            revision = \(revision.number), due_ms = \(dueAt), remark = NULL, changed_ms = \(revision.at)
        WHERE rollout_key = \(rollout.key) AND steps_done = \(rollout.stepsDone) AND state IN ('scheduled', 'running')
        """
    }

    /// Leaves it alone where it is not to go on before that anyway.
    static func postpone(_ key: Int64, until dueAt: Timestamp) -> SQL {
        "UPDATE rollout SET due_ms = \(dueAt) WHERE rollout_key = \(key) AND due_ms < \(dueAt)"
    }

    static func set(_ state: Rollout.State, _ key: Int64, remark: String, at now: Timestamp) -> SQL {
        """
        UPDATE rollout SET state = \(state.rawValue), remark = \(remark), changed_ms = \(now)
        WHERE rollout_key = \(key)
        """
    }

    /// Changes nothing where that is said already, or something has become of the roll-out.
    static func note(_ remark: String, of rollout: Rollout, at now: Timestamp) -> SQL {
        """
        UPDATE rollout SET remark = \(remark), changed_ms = \(now)
        WHERE rollout_key = \(rollout.key) AND steps_done = \(rollout.stepsDone)
            AND state IN ('scheduled', 'running') AND (remark IS NULL OR remark <> \(remark))
        """
    }

    static func decode(_ row: SQLRow) throws(MartletError) -> Rollout {
        guard let state = Rollout.State(rawValue: row.text(3)) else {
            throw MartletError(.integrity, "a roll-out is in a state that this program does not know")
        }
        let plan = RolloutPlan(
            model: try ModelName(validating: row.text(4)),
            version: VersionNumber(row.integer(5)),
            versionKey: row.optionalInteger(20),
            arm: ArmName(trusted: row.text(6)),
            backend: Backend(stored: row.optionalText(7)),
            steps: try RolloutPlan.steps(stored: row.text(8)),
            pause: TimeSpan(milliseconds: row.integer(9)),
            requestsMin: row.integer(10),
            conditions: try row.optionalText(11).map { text throws(MartletError) in
                try RolloutPlan.conditions(stored: text)
            }
        )
        return Rollout(
            key: row.integer(0),
            deploymentKey: row.integer(1),
            deployment: DeploymentName(trusted: row.text(2)),
            state: state,
            plan: plan,
            act: Act(by: ActorName(trusted: row.text(12)), reason: row.optionalText(13)),
            stepsDone: Int(row.integer(14)),
            revision: row.optionalInteger(15),
            dueAt: Timestamp(milliseconds: row.integer(16)),
            remark: row.optionalText(17),
            createdAt: Timestamp(milliseconds: row.integer(18)),
            changedAt: Timestamp(milliseconds: row.integer(19))
        )
    }
}

extension RolloutPlan {
    fileprivate var storedSteps: String { self.steps.map(\.description).joined(separator: ",") }

    fileprivate static func steps(stored text: String) throws(MartletError) -> [Share] {
        try text.split(separator: ",").map { part throws(MartletError) in try Share(String(part)) }
    }

    /// A list of sentences, in JSON.
    var storedConditions: String? {
        self.conditions.map { CanonicalJSON.array($0.map { .string($0.text) }).text }
    }

    fileprivate static func conditions(stored text: String) throws(MartletError) -> [Condition] {
        guard let document = try? JSONDocument(parsing: Array(text.utf8), depthMax: Limits.jsonDepth) else {
            throw MartletError(.integrity, "the conditions of a roll-out cannot be read")
        }
        return try [Condition](document.root)
    }
}
