import MartletCore
import MartletSQL

/// The revisions in force of several deployments, read at once.
struct RevisionsInForce {
    /// By the key of the deployment, as is the next.
    private let revisions: [Int64: SQLRow]
    private let arms: [Int64: [SQLRow]]

    /// - Parameter statements: Those that `DeploymentQueries.inForce` returns.
    init(_ statements: [SQL], on db: any Connection) throws(MartletError) {
        let found = try db.query(all: statements)
        self.revisions = Dictionary(found[0].map { ($0.integer(0), $0) }) { row, _ in row }
        self.arms = Dictionary(grouping: found[1]) { $0.integer(10) }
    }

    /// Returns the one of a deployment; `nil` where there is none.
    func revision(ofKey key: Int64) throws(MartletError) -> Revision? {
        guard let row = self.revisions[key] else { return nil }
        return try DeploymentQueries.decodeRevision(row, try (self.arms[key] ?? []).map(DeploymentQueries.decodeArm))
    }

    /// Returns the one of a deployment that has one.
    func revision(of deployment: FoundDeployment) throws(MartletError) -> Revision {
        guard let revision = try self.revision(ofKey: deployment.key) else {
            throw MartletError(.integrity, "the revision in force of '\(deployment.name)' is missing")
        }
        return revision
    }
}
