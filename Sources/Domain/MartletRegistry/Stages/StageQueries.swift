package import MartletCore
import MartletSQL

/// Every statement that touches `model_policy` and `version_approval`, and what gates ask of `version_metric`.
enum StageQueries {
    static func policy(of modelKey: Int64) -> SQL {
        "SELECT body FROM model_policy WHERE model_key = \(modelKey)"
    }

    static func setPolicy(_ body: String, of modelKey: Int64) -> SQL {
        """
        INSERT INTO model_policy (model_key, body) VALUES (\(modelKey), \(body))
        ON CONFLICT (model_key) DO UPDATE SET body = excluded.body
        """
    }

    static func metrics(of versionKey: Int64) -> SQL {
        """
        SELECT name, dataset_name, dataset_digest, value FROM version_metric
        WHERE version_key = \(versionKey) ORDER BY name, dataset_name, dataset_digest
        """
    }

    static func decodeMetric(_ row: SQLRow) -> MeasuredMetric {
        MeasuredMetric(
            name: row.text(0),
            datasetName: row.text(1),
            datasetDigest: row.text(2),
            value: row.real(3)
        )
    }

    static func approve(_ versionKey: Int64, for stage: StageName, _ act: Act, at now: Timestamp) -> SQL {
        """
        INSERT INTO version_approval (version_key, stage_name, actor, reason, approved_ms)
        VALUES (\(versionKey), \(stage), \(act.actor.rawValue), \(act.reason), \(now))
        ON CONFLICT (version_key, stage_name, actor) DO UPDATE SET
            reason = excluded.reason, approved_ms = excluded.approved_ms
        """
    }

    static func deleteApprovals(of versionKey: Int64) -> SQL {
        "DELETE FROM version_approval WHERE version_key = \(versionKey)"
    }

    static func approvals(of versionKey: Int64) -> SQL {
        """
        SELECT stage_name, actor, reason, approved_ms FROM version_approval
        WHERE version_key = \(versionKey) ORDER BY approved_ms, stage_name, actor
        """
    }

    static func decodeApproval(_ row: SQLRow) -> Approval {
        Approval(
            stage: StageName(trusted: row.text(0)),
            act: Act(by: ActorName(trusted: row.text(1)), reason: row.optionalText(2)),
            at: Timestamp(milliseconds: row.integer(3))
        )
    }
}

/// Somebody's word that a version may enter a stage.
package struct Approval: Sendable, Hashable {
    package let stage: StageName
    package let act: Act
    package let at: Timestamp
}
