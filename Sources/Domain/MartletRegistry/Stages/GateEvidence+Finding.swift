import MartletCore
import MartletSQL

extension GateEvidence {
    /// Looks at the gates that a version would meet.
    static func verdict(
        on found: FoundVersion,
        entering stage: StageName,
        _ policy: Policy,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> GateVerdict {
        let gates = policy.gates(of: stage)
        let approvals = gates.approvals > 0 ? try db.query(StageQueries.approvals(of: found.key)) : nil
        let approvers = (approvals?.map(StageQueries.decodeApproval) ?? [])
            .filter { $0.stage == stage && $0.act.actor != found.version.author }.map(\.act.actor.rawValue)
        let captured = found.version.seal?.captured ?? []
        let needsAny = gates.requires.contains(.metric) && !captured.contains(.metric)
        let names = needsAny ? nil : gates.metricNames
        let evidence = GateEvidence(
            captured: captured,
            metrics: names?.isEmpty == true
                ? [] : try VersionMeasurements.find(of: found, named: names, sources, on: db),
            production: gates.regressions.isEmpty ? [] : try self.production(besides: found, gates, sources, on: db),
            approvers: approvers
        )
        return evidence.verdict(on: stage, gates)
    }

    private static func production(
        besides found: FoundVersion,
        _ gates: StageGates,
        _ sources: any SourceDirectory,
        on db: any Connection
    ) throws(MartletError) -> [(name: String, metrics: [MeasuredMetric])] {
        let present = try db.query(ModelVersionQueries.all(in: .production, of: found.modelKey))
            .map(ModelVersionQueries.decode).filter { $0.key != found.key }
        var production: [(name: String, metrics: [MeasuredMetric])] = []
        for other in present {
            let number = other.version.semanticVersion?.description ?? other.version.number.description
            let metrics = try VersionMeasurements.find(of: other, named: gates.metricNames, sources, on: db)
            production.append(("version \(number)", metrics))
        }
        return production
    }
}

extension StageGates {
    /// The metrics that they look at.
    fileprivate var metricNames: Set<String> {
        Set(self.thresholds.map(\.metric)).union(self.regressions.map(\.metric))
    }
}
