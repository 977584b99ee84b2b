package import MartletCore
import MartletSQL

/// What a decision turned out to be, by one measure.
package struct Outcome: Sendable, Hashable {
    private static let metricBytesMax = 250
    private static let metricsMax = 100

    package let metric: String
    package let value: Double
    /// Who said so.
    package let actor: ActorName
    package let at: Timestamp

    static func check(_ values: [String: Double]) throws(MartletError) {
        guard (1...self.metricsMax).contains(values.count) else {
            throw .invalid("An outcome has 1 to \(self.metricsMax) metrics.")
        }
        for (metric, value) in values {
            guard !metric.allSatisfy(\.isWhitespace), metric.utf8.count <= self.metricBytesMax else {
                throw .invalid("The name of a metric has 1 to \(self.metricBytesMax) bytes.")
            }
            // PostgreSQL could not even store U+0000.
            guard !metric.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
                throw .invalid("The name of a metric has no control characters.")
            }
            guard !metric.hasPrefix(GatewayMetric.prefix) else {
                throw .invalid("'\(metric)' is what the gateway measures; nobody else can tell it.")
            }
            guard value.isFinite, abs(value) <= Limits.outcomeMagnitude else {
                throw .invalid("The value of '\(metric)' is a finite number, up to \(Limits.outcomeMagnitude).")
            }
        }
    }
}

/// Every statement that touches outcomes.
enum OutcomeQueries {
    /// Those of some decisions, with the decision's id in a last column.
    ///
    /// - Parameter comparison: What the decision's id must meet, as in `= ?`.
    static func all(ofDecision comparison: SQL) -> SQL {
        """
        SELECT metric, value, actor, told_ms, decision_id FROM outcome WHERE decision_id \(comparison)
        ORDER BY decision_id, metric
        """
    }

    /// Those of a deployment's decisions, with the decision's id in a last column.
    static func all(of deploymentKey: Int64, from start: DecisionID, upTo end: DecisionID) -> SQL {
        """
        SELECT o.metric, o.value, o.actor, o.told_ms, o.decision_id
        FROM outcome o JOIN decision d ON d.id = o.decision_id
        WHERE o.decision_id >= \(start) AND o.decision_id <= \(end) AND d.deployment_key = \(deploymentKey)
        ORDER BY o.decision_id, o.metric
        """
    }

    static func delete(of ids: SQL) -> SQL { "DELETE FROM outcome WHERE decision_id IN (\(ids))" }

    static func decode(_ row: SQLRow) -> Outcome {
        Outcome(
            metric: row.text(0),
            value: row.real(1),
            actor: ActorName(trusted: row.text(2)),
            at: Timestamp(milliseconds: row.integer(3))
        )
    }

    /// What came of each of several decisions.
    static func decode(_ rows: SQLRows) -> [DecisionID: [Outcome]] {
        Dictionary(grouping: rows) { DecisionID(stored: $0.bytes(4)) }.mapValues { $0.map(self.decode) }
    }

    static func insert(_ outcome: Outcome, of id: DecisionID) -> SQL {
        """
        INSERT INTO outcome (decision_id, metric, value, actor, told_ms)
        VALUES (\(id), \(outcome.metric), \(outcome.value), \(outcome.actor.rawValue), \(outcome.at))
        """
    }

    static func add(_ outcome: Outcome, of decision: Decision) -> SQL {
        """
        INSERT INTO outcome_sum (deployment_key, revision, arm, metric, count, sum, square_sum)
        VALUES (
            \(decision.deploymentKey), \(decision.revision), \(decision.arm), \(outcome.metric), 1, \(outcome.value),
            \(outcome.value * outcome.value)
        )
        ON CONFLICT (deployment_key, revision, arm, metric) DO UPDATE SET
            count = outcome_sum.count + 1, sum = outcome_sum.sum + excluded.sum,
            square_sum = outcome_sum.square_sum + excluded.square_sum
        """
    }
}
