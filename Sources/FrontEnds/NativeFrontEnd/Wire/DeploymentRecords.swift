import MartletCore
import MartletDeployments
import MartletRegistry
import MartletRouting
import MartletSearch
import MartletWire

extension DeploymentRecord {
    init(_ deployment: Deployment) {
        self.init(
            name: deployment.name.rawValue,
            salt: deployment.salt,
            createdAt: deployment.createdAt.text,
            revision: RevisionRecord(deployment.revision)
        )
    }
}

extension RevisionRecord {
    init(_ revision: Revision) {
        self.init(
            number: revision.number,
            cause: revision.cause.rawValue,
            arms: revision.arms.map { ArmRecord($0) },
            settings: DeploymentSettingsDocument(revision.settings),
            actor: revision.act.actor.rawValue,
            reason: revision.act.reason,
            at: revision.at.text,
            ledgerEntry: revision.entry,
            restores: revision.restores,
            effect: revision.effect.map { EffectRecord($0) }
        )
    }
}

extension EffectRecord {
    fileprivate init(_ effect: RevisionEffect) {
        self.init(
            hereMs: effect.hereMilliseconds,
            everywhereMs: effect.everywhereMilliseconds,
            servers: Int64(effect.servers),
            missing: effect.missing > 0 ? Int64(effect.missing) : nil
        )
    }
}

extension ArmRecord {
    init(_ arm: Arm) {
        var url: String?
        if case .url(let text) = arm.backend { url = text }
        self.init(
            name: arm.name.rawValue,
            role: arm.role.rawValue,
            share: arm.share.description,
            partsPerMillion: Int64(arm.share.partsPerMillion),
            model: arm.version.model.rawValue,
            version: arm.version.number.rawValue,
            semanticVersion: arm.version.semanticVersion?.description,
            digest: arm.version.digest.description,
            url: url
        )
    }
}

extension DeploymentSettingsDocument {
    init(_ settings: DeploymentSettings) {
        self.init()
        self.subject = settings.subject.map { SubjectSource($0) }
        self.decisions = settings.recording.rawValue
        self.timeoutMs = settings.timeoutMilliseconds
        self.attempts = Int64(settings.attemptsMax)
        self.keepDays = settings.keepDays
        self.healthPath = settings.healthPath
        self.bodyBytesMax = settings.bodyBytesMax
        self.stages = settings.stages.map(\.rawValue)
        self.drift = settings.drift.map { DriftDocument($0) }
        self.payloads = settings.payloads.map { payloads in
            PayloadsDocument(
                partsPerMillion: Int64(payloads.share.partsPerMillion),
                redact: payloads.redactions.isEmpty ? nil : payloads.redactions
            )
        }
        self.shadowIgnore = settings.shadowIgnored
        self.shadowTolerance = settings.shadowTolerance
        self.freezes = settings.freezes.map { Freeze(from: $0.start.text, to: $0.end.text, reason: $0.reason) }
        self.conditions = settings.conditions.map(\.text)
    }
}

extension SubjectSource {
    fileprivate init(_ source: DeploymentSettings.SubjectSource) {
        switch source {
        case .header(let name): self.init(header: name)
        case .cookie(let name): self.init(cookie: name)
        case .member(let names): self.init(member: names)
        }
    }
}

extension ArmChange<ArmDraft> {
    /// - Throws: `invalidArgument` when more than one change is asked for.
    init(_ request: DeployRequest) throws(MartletError) {
        var changes: [ArmChange<ArmDraft>] = []
        if let arms = request.arms {
            changes.append(.replace(try arms.map { arm throws(MartletError) in try ArmDraft(arm) }))
        }
        if let arm = request.release {
            let draft = try ArmDraft(arm)
            try draft.requireEverything()
            changes.append(.release(draft))
        }
        if let arm = request.add { changes.append(.add(try ArmDraft(arm))) }
        if let name = request.remove { changes.append(.remove(try ArmName(validating: name))) }
        if let name = request.promote { changes.append(.promote(try ArmName(validating: name))) }
        if let shares = request.shares {
            var named: [ArmName: Share] = [:]
            for (name, parts) in shares {
                named[try ArmName(validating: name)] = try Share(partsPerMillion: parts)
            }
            changes.append(.reshare(named))
        }
        guard changes.count <= 1 else {
            throw .invalid("One change at a time: 'arms', 'release', 'add', 'remove', 'promote' or 'shares'.")
        }
        self = changes.first ?? .keep
    }
}

extension ArmDraft {
    /// Refuses what cannot be meant of a version that takes over.
    fileprivate func requireEverything() throws(MartletError) {
        guard self.role == .primary, self.share == .all else {
            throw .invalid("'release' gives a version all requests: with 'add' it gets another 'role', and a share.")
        }
    }

    fileprivate init(_ request: ArmRequest) throws(MartletError) {
        let role = request.role ?? Arm.Role.primary.rawValue
        guard let role = Arm.Role(rawValue: role) else {
            let roles = Arm.Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalid("There is no role '\(role)'; there is \(roles).")
        }
        self.init(
            try VersionSelector(validating: request.version),
            of: try ModelName(validating: request.model, parameter: "model"),
            as: role,
            share: try request.partsPerMillion.map { parts throws(MartletError) in
                try Share(partsPerMillion: parts)
            } ?? .all,
            name: try request.name.map { name throws(MartletError) in try ArmName(validating: name) },
            backend: try request.url.map { url throws(MartletError) in try Backend(url: url) } ?? .supervised
        )
    }
}
