package import MartletCore
package import MartletSearch
import MartletSQL

extension DeploymentService {
    package func deployment(_ name: DeploymentName) async throws(MartletError) -> Deployment {
        try await self.database.read { db throws(MartletError) in
            let found = try FoundDeployment.find(name, on: db)
            var deployment = try found.load(on: db)
            deployment.revision.effect = try found.effects(found.revision...found.revision, on: db)[found.revision]
            return deployment
        }
    }

    /// Returns a page of deployments, in the order of their names.
    ///
    /// - Parameter name: Where the page before this one ended.
    package func list(after name: String = "", limit: Int) async throws(MartletError) -> Page<Deployment> {
        try await self.database.read(.search) { db throws(MartletError) in
            let rows = try db.query(DeploymentQueries.list(after: name, limit: limit + 1))
            let found = rows.prefix(limit).map(DeploymentQueries.decode)
            guard let first = found.first?.name, let last = found.last?.name else { return Page(items: [], next: nil) }
            let revisions = try RevisionsInForce(DeploymentQueries.inForce(from: first, through: last), on: db)
            let deployments = try found.map { deployment throws(MartletError) in
                deployment.with(try revisions.revision(of: deployment))
            }
            return Page(deployments, hasNext: rows.count > limit) { .text($0.name.rawValue) }
        }
    }

    /// Returns a page of revisions, the newest first.
    ///
    /// - Parameter number: Where the page before this one ended.
    package func revisions(
        of name: DeploymentName,
        before number: Int64 = .max,
        limit: Int
    ) async throws(MartletError) -> Page<Revision> {
        try await self.database.read(.search) { db throws(MartletError) in
            let found = try FoundDeployment.find(name, on: db)
            let rows = try db.query(DeploymentQueries.revisions(of: found.key, before: number, limit: limit + 1))
            let revisions = try found.revisions(rows.prefix(limit), on: db)
            return Page(revisions, hasNext: rows.count > limit) { .integer($0.number) }
        }
    }

    package func revision(_ number: Int64, of name: DeploymentName) async throws(MartletError) -> Revision {
        try await self.database.read { db throws(MartletError) in
            let found = try FoundDeployment.find(name, on: db)
            var revision = try found.revision(number, on: db)
            revision.effect = try found.effects(number...number, on: db)[number]
            return revision
        }
    }
}
