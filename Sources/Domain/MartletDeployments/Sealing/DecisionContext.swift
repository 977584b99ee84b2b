import MartletCore
import MartletSQL

/// What the numbers in decisions stand for, each looked up once.
struct DecisionContext {
    private struct RevisionKey: Hashable {
        let deploymentKey: Int64
        let number: Int64
    }

    private var deployments: [Int64: FoundDeployment] = [:]
    private var revisions: [RevisionKey: Revision] = [:]

    mutating func deployment(_ key: Int64, on db: any Connection) throws(MartletError) -> FoundDeployment {
        if let known = self.deployments[key] { return known }
        let deployment = try FoundDeployment.find(key: key, on: db)
        self.deployments[key] = deployment
        return deployment
    }

    mutating func revision(of decision: Decision, on db: any Connection) throws(MartletError) -> Revision {
        let key = RevisionKey(deploymentKey: decision.deploymentKey, number: decision.revision)
        if let known = self.revisions[key] { return known }
        let revision = try self.deployment(key.deploymentKey, on: db).revision(key.number, on: db)
        self.revisions[key] = revision
        return revision
    }

    mutating func arm(of decision: Decision, on db: any Connection) throws(MartletError) -> Arm {
        let arms = try self.revision(of: decision, on: db).arms
        guard arms.indices.contains(decision.arm) else {
            throw MartletError(.integrity, "the arm of a decision is missing")
        }
        return arms[decision.arm]
    }

    mutating func line(of decision: Decision, on db: any Connection) throws(MartletError) -> DecisionLine {
        let arm = try self.arm(of: decision, on: db)
        return DecisionLine(decision, in: try self.deployment(decision.deploymentKey, on: db).name, arm)
    }
}
