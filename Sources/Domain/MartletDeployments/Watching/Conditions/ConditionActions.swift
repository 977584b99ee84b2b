import MartletCore
import MartletSQL

/// Does what a deployment wants done about the conditions that its versions meet.
///
/// What is done expects the revision that was looked at, so that nothing is done twice even if two look at once.
struct ConditionActions: Sendable {
    let database: any Database
    let surroundings: Surroundings
    let deployments: DeploymentService
    let readings: ArmReader

    /// Looks at a deployment once.
    ///
    /// - Throws: The first of what went wrong, after all that was found was dealt with.
    func look(at deployment: Deployment) async throws(MartletError) {
        guard !deployment.revision.settings.conditions.isEmpty else { return }
        var failure: MartletError?
        for finding in try await self.readings.findings(in: deployment, at: self.surroundings.now()) {
            do throws(MartletError) { try await self.act(on: finding) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
    }

    private func act(on finding: Finding) async throws(MartletError) {
        switch finding.condition.action {
        case .rollBack: try await self.rollBack(finding)
        case .notify, .pause, .requestRetraining: try await self.record(finding)
        }
    }

    private func rollBack(_ finding: Finding) async throws(MartletError) {
        do throws(MartletError) {
            _ = try await self.deployments.rollBack(
                finding.deployment,
                expecting: finding.revision,
                by: Act(by: Watcher.actor, reason: finding.sentence),
                because: finding
            )
        } catch {
            switch error.code {
            // Somebody was faster, with whatever it was.
            case .preconditionFailed, .notFound: break
            case .conflict:
                try await self.recordOnce(finding, remark: "Nothing was rolled back. \(error.message)")
            // What would serve again does not answer; it may by the next look.
            case .unavailable:
                try await self.recordOnce(finding, remark: "Nothing was rolled back yet. \(error.message)")
                throw error
            default: throw error
            }
        }
    }

    private func recordOnce(_ finding: Finding, remark: String) async throws(MartletError) {
        if !finding.isKnown { try await self.record(finding, remark: remark) }
    }

    private func record(_ finding: Finding, remark: String? = nil) async throws(MartletError) {
        let now = self.surroundings.now()
        // Revisions are written by writes of everything, which wait for this one; so are entries of the ledger.
        let isPause = finding.condition.action == .pause
        let scope: WriteScope = isPause ? .everything : .only(WriteKey("deployment", "\(finding.deploymentKey)"))
        try await self.database.write(scope) { db throws(MartletError) in
            let found = try FoundDeployment.findIfAny(finding.deployment, on: db)
            guard found?.key == finding.deploymentKey, found?.revision == finding.revision else { return }
            try finding.record(remark: remark, at: now, on: db)
        }
    }
}
