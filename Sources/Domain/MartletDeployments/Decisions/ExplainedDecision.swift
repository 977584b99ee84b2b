import MartletCore
import MartletRouting
import MartletSQL

/// A decision and what its numbers stand for.
package struct ExplainedDecision: Sendable {
    package let decision: Decision
    package let deployment: DeploymentName
    package let revision: Revision
    package let arm: Arm
    package let outcomes: [Outcome]
    /// What shadows made of copies of its request.
    package let shadows: [(decision: Decision, arm: Arm)]

    /// Explains decisions, with the same few queries however many there are.
    static func all(_ wanted: DecisionSelection, on db: any Connection) throws(MartletError) -> [ExplainedDecision] {
        let rows = try db.query(all: [
            wanted.decisions, OutcomeQueries.all(ofDecision: wanted.isOne),
            DecisionQueries.shadows(ofDecision: wanted.isOne),
        ])
        let outcomes = OutcomeQueries.decode(rows[1])
        let shadows = Dictionary(grouping: rows[2].map(DecisionQueries.decode), by: \.shadowOf)
        var context = DecisionContext()
        return try rows[0].map(DecisionQueries.decode).map { decision throws(MartletError) in
            ExplainedDecision(
                decision: decision,
                deployment: try context.deployment(decision.deploymentKey, on: db).name,
                revision: try context.revision(of: decision, on: db),
                arm: try context.arm(of: decision, on: db),
                outcomes: outcomes[decision.id] ?? [],
                shadows: try (shadows[decision.id] ?? []).map { shadow throws(MartletError) in
                    (shadow, try context.arm(of: shadow, on: db))
                }
            )
        }
    }
}

/// Some decisions, by what finds them and in their order.
struct DecisionSelection {
    /// What stands behind the columns.
    private let source: SQL

    var decisions: SQL { "SELECT \(DecisionQueries.columns) \(self.source)" }

    /// Compares the column that stands before it with their ids.
    var isOne: SQL {
        let ids: SQL = "SELECT id \(self.source)"
        // PostgreSQL would rather read all shadows that there are than look up those of a few.
        return .dialect(sqlite: "IN (\(ids))", postgres: "= ANY (ARRAY(\(ids)))")
    }

    /// A single one, or none.
    static func one(_ id: DecisionID) -> DecisionSelection {
        DecisionSelection(source: "FROM decision WHERE id = \(id)")
    }

    /// Those about a subject, the newest first.
    static func about(_ subject: SubjectHash, of deploymentKey: Int64, limit: Int) -> DecisionSelection {
        DecisionSelection(
            source: """
                FROM decision WHERE deployment_key = \(deploymentKey) AND subject = \(SQLValue.bytes(subject.bytes))
                ORDER BY id DESC LIMIT \(limit)
                """
        )
    }

    /// Those of shadows that would have answered something else, the newest first.
    static func differing(of deploymentKey: Int64, limit: Int) -> DecisionSelection {
        DecisionSelection(
            source: """
                FROM decision WHERE deployment_key = \(deploymentKey) AND agreement = 'different'
                ORDER BY id DESC LIMIT \(limit)
                """
        )
    }
}
