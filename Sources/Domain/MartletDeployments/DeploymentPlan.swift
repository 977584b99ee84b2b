import MartletCore
import MartletJSON
import MartletRegistry
import MartletSQL

/// What a change would make of a deployment.
struct DeploymentPlan {
    let cause: Revision.Cause
    let arms: [Arm]
    let settings: DeploymentSettings
    /// What served before, and is to answer more requests than it did.
    let raised: [ServedVersion]

    /// - Parameters:
    ///   - deployment: As it is inside the transaction; with revision 0 if it is yet to be made.
    ///   - settings: Those that shall change; `nil` for none.
    ///   - revision: The one that the caller has seen; `nil` for whatever is in force.
    init(
        _ change: ArmChange<ResolvedArm>,
        of deployment: FoundDeployment,
        settings: JSONValue?,
        expecting revision: Int64?,
        at now: Timestamp,
        on db: any Connection
    ) throws(MartletError) {
        try deployment.require(revision: revision, on: db)
        let present = deployment.revision > 0 ? try deployment.revision(deployment.revision, on: db) : nil
        var changed = present?.settings ?? DeploymentSettings()
        if let settings { try changed.change(settings) }
        guard change.changesArms || settings != nil else {
            throw .invalid("This changes nothing: it names neither arms nor settings.")
        }
        guard settings == nil || !changed.stages.isEmpty else {
            throw .invalid("The 'stages' of a deployment are those that its versions may be in: name one at least.")
        }
        // Settings may change in a freeze: so it is lifted, and the ledger says by whom.
        if change.changesArms { try present?.settings.requireNoFreeze(of: deployment.name, at: now) }
        let change = try change.map { $0.arm }
        self.raised = change.raised(of: present?.arms ?? []).map(\.version)
        for version in change.items.map(\.version) + self.raised { try Self.requireServable(version, changed, on: db) }
        self.cause = change.changesArms ? .deploy : .settings
        self.arms = try change.applied(to: present?.arms ?? [])
        self.settings = changed
    }

    /// Looks again: the version may have been moved or deleted since it was found.
    private static func requireServable(
        _ served: ServedVersion,
        _ settings: DeploymentSettings,
        on db: any Connection
    ) throws(MartletError) {
        let version = try ServableVersion.find(key: served.key, on: db)
        guard settings.stages.contains(version.stage) else {
            let stages = settings.stages.map(\.rawValue).joined(separator: ", ")
            throw MartletError(
                .conflict,
                "\(served.label) is in '\(version.stage)'; what serves here is in \(stages). Move it first."
            )
        }
    }
}

extension DeploymentSettings {
    /// Refuses to change what serves while it is to stay as it is.
    func requireNoFreeze(of name: DeploymentName, at now: Timestamp) throws(MartletError) {
        guard let freeze = self.freezes.first(where: { $0.contains(now) }) else { return }
        let reason = freeze.reason.isEmpty ? "" : ": \(freeze.reason)"
        throw MartletError(.conflict, "'\(name)' is frozen until \(freeze.end.text)\(reason). A rollback is possible.")
    }
}
