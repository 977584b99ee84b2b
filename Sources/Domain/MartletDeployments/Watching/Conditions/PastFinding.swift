package import MartletCore
import MartletSQL

/// A condition that was met once.
package struct PastFinding: Sendable {
    package let revision: Int64
    package let arm: Arm
    /// The sentence.
    package let condition: String
    /// In the measure's unit.
    package let measured: Double
    /// Of how many requests or outcomes.
    package let count: Int64
    package let failures: Int64?
    /// Why not all was done that the condition asks for.
    package let remark: String?
    package let at: Timestamp
}

extension TrafficService {
    /// Returns what conditions a deployment's versions have met, the newest first.
    package func findings(of name: DeploymentName, limit: Int) async throws(MartletError) -> [PastFinding] {
        try await self.database.read(.search) { db throws(MartletError) in
            let deployment = try FoundDeployment.find(name, on: db)
            let rows = try db.query(ConditionQueries.newest(of: deployment.key, limit: limit))
            return try rows.map { row throws(MartletError) in
                let (number, place) = (row.integer(0), Int(row.integer(1)))
                return PastFinding(
                    revision: number,
                    arm: try deployment.revision(number, on: db).arms[place],
                    condition: row.text(2),
                    measured: row.real(3),
                    count: row.integer(4),
                    failures: row.optionalInteger(5),
                    remark: row.optionalText(6),
                    at: Timestamp(milliseconds: row.integer(7))
                )
            }
        }
    }
}
