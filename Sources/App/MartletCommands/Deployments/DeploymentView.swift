package import MartletWire

/// How deployments look.
package enum DeploymentView {
    /// - Parameter isServed: Whether a server routes by it, so that there is a time after which it was in effect.
    static func deployment(_ deployment: DeploymentRecord, isServed: Bool = true, _ screen: inout Screen) {
        let revision = deployment.revision
        screen.line(
            .strong(deployment.name),
            " is at revision \(revision.number)",
            .faint(", \(Self.story(revision))")
        )
        self.arms(revision.arms, &screen)
        if isServed, let effect = revision.effect { screen.line(.faint("in effect after \(Self.effect(effect))")) }
    }

    /// As in `12 ms here, 230 ms everywhere (3 servers)`.
    private static func effect(_ effect: EffectRecord) -> String {
        let missing = effect.missing.map { "; \(Amount.count($0, "server")) to follow" } ?? ""
        guard effect.servers > 1 else { return "\(effect.hereMs) ms\(missing)" }
        return "\(effect.hereMs) ms here, \(effect.everywhereMs) ms on all of \(effect.servers) servers\(missing)"
    }

    package static func arms(_ arms: [ArmRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = arms.map { arm in
            [
                .strong(arm.name), "\(arm.role)", "\(arm.share)", "\(arm.model)/\(arm.version)",
                .faint("sha256:\(arm.digest.prefix(12))…"), "\(arm.url ?? "run by the server")",
            ]
        }
        screen.table(["ARM", "ROLE", "SHARE", "VERSION", "DIGEST", "BACKEND"], rows, indent: 2)
    }

    static func list(_ deployments: [DeploymentRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = deployments.map { deployment in
            let revision = deployment.revision
            return [
                .strong(deployment.name), "\(revision.number)", self.shares(revision), .faint(self.story(revision)),
            ]
        }
        screen.table(["DEPLOYMENT", "REVISION", "SERVES", "SINCE"], rows)
    }

    static func revisions(_ revisions: [RevisionRecord], _ screen: inout Screen) {
        let rows: [[Cell]] = revisions.map { revision in
            let cause = revision.restores.map { "\(revision.cause) to \($0)" } ?? revision.cause
            return [
                .strong("\(revision.number)"), "\(Moment.short(revision.at))", "\(revision.actor)", "\(cause)",
                "\(revision.effect.map(Self.effect) ?? "")", self.shares(revision), "\(revision.reason ?? "")",
            ]
        }
        screen.table(["REVISION", "AT", "BY", "CAUSE", "IN EFFECT AFTER", "SERVES", "REASON"], rows)
    }

    private static func shares(_ revision: RevisionRecord) -> Cell {
        Cell(revision.arms.map { "\($0.name) \($0.share)" }.joined(separator: ", "))
    }

    private static func story(_ revision: RevisionRecord) -> String {
        let back = revision.restores.map { ", back to \($0)" } ?? ""
        return "by \(revision.actor) at \(Moment.short(revision.at))\(back)"
    }
}
