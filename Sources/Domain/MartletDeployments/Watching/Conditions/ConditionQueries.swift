import MartletCore
import MartletSQL

/// Every statement that touches `condition_finding`, and the one by which conditions read outcomes.
enum ConditionQueries {
    /// What the metrics of a revision's arms come to.
    static func outcomes(of deploymentKey: Int64, revision: Int64) -> SQL {
        """
        SELECT arm, metric, count, sum FROM outcome_sum
        WHERE deployment_key = \(deploymentKey) AND revision = \(revision)
        """
    }

    /// Writes a finding down, unless it was found before.
    static func insert(_ finding: Finding, remark: String?, at now: Timestamp) -> SQL {
        """
        INSERT INTO condition_finding (
            deployment_key, revision, arm, condition, measured, count, failures, remark, at_ms
        ) VALUES (
            \(finding.deploymentKey), \(finding.revision), \(finding.place), \(finding.condition.text),
            \(finding.evidence.measured), \(finding.evidence.count), \(finding.evidence.failures), \(remark), \(now)
        )
        ON CONFLICT DO NOTHING
        """
    }

    static func removeRemark(of finding: Finding) -> SQL {
        """
        UPDATE condition_finding SET remark = NULL
        WHERE deployment_key = \(finding.deploymentKey) AND revision = \(finding.revision)
            AND arm = \(finding.place) AND condition = \(finding.condition.text)
        """
    }

    /// What was found of a revision: arms and conditions.
    static func found(of deploymentKey: Int64, revision: Int64) -> SQL {
        """
        SELECT arm, condition FROM condition_finding
        WHERE deployment_key = \(deploymentKey) AND revision = \(revision)
        """
    }

    /// The newest first.
    static func newest(of deploymentKey: Int64, limit: Int) -> SQL {
        """
        SELECT revision, arm, condition, measured, count, failures, remark, at_ms FROM condition_finding
        WHERE deployment_key = \(deploymentKey) ORDER BY revision DESC, at_ms DESC, arm, condition LIMIT \(limit)
        """
    }
}
