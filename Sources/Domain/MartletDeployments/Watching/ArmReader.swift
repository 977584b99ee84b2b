package import MartletCore
import MartletSQL

/// Whoever knows how far the features that arms see are from those that their versions were trained with.
package protocol DriftReadings: Sendable {
    /// Returns the population stability index of a feature; `nil` as long as too little is known.
    func stabilityIndex(
        of feature: String,
        deploymentKey: Int64,
        revision: Int64,
        arm: Int
    ) async throws(MartletError) -> Double?
}

/// Finds what is known of arms, and which conditions that meets.
struct ArmReader: Sendable {
    let database: any Database
    let drift: (any DriftReadings)?

    /// Returns the conditions that new arms of the revision in force meet; those that were found before only if there
    /// is still something to be done about them.
    func findings(in deployment: Deployment, at now: Timestamp) async throws(MartletError) -> [Finding] {
        let readings = try await self.readings(of: deployment, at: now)
        let revision = deployment.revision
        return readings.known.sorted { $0.key < $1.key }.flatMap { place, reading in
            revision.settings.conditions.compactMap { condition in
                guard revision.places(judgedBy: condition).contains(place) else { return nil }
                let isKnown = readings.found.contains(Found(arm: place, condition: condition.text))
                // A rollback that was impossible may be possible by now.
                guard !isKnown || condition.action == .rollBack, let evidence = condition.evidence(in: reading) else {
                    return nil
                }
                return Finding(
                    deploymentKey: deployment.key,
                    deployment: deployment.name,
                    revision: revision.number,
                    place: place,
                    arm: revision.arms[place],
                    condition: condition,
                    evidence: evidence,
                    isKnown: isKnown
                )
            }
        }
    }

    /// What was found before.
    private struct Found: Hashable {
        let arm: Int
        let condition: String
    }

    private func readings(
        of deployment: Deployment,
        at now: Timestamp
    ) async throws(MartletError) -> (known: [Int: ArmReading], found: Set<Found>) {
        let revision = deployment.revision
        let judged = Set(revision.settings.conditions.flatMap(revision.places))
        let windows = Set(revision.settings.conditions.compactMap(\.window))
        var (known, found) = try await self.database.read { db throws(MartletError) in
            let rows = try db.query(ConditionQueries.found(of: deployment.key, revision: revision.number))
            let found = Set(rows.map { Found(arm: Int($0.integer(0)), condition: $0.text(1)) })
            var known = Dictionary(uniqueKeysWithValues: judged.map { ($0, ArmReading()) })
            // A window that began before the revision would be one of other versions, or of none.
            for window in windows where now - window >= revision.at {
                try Self.add(window, of: deployment, since: now - window, to: &known, on: db)
            }
            for row in try db.query(ConditionQueries.outcomes(of: deployment.key, revision: revision.number)) {
                let total = OutcomeTotal(count: row.integer(2), sum: row.real(3))
                known[Int(row.integer(0))]?.outcomes[row.text(1)] = total
            }
            return (known, found)
        }
        if let drift { try await self.add(drift, of: deployment, to: &known) }
        return (known, found)
    }

    private static func add(
        _ window: TimeSpan,
        of deployment: Deployment,
        since start: Timestamp,
        to known: inout [Int: ArmReading],
        on db: any Connection
    ) throws(MartletError) {
        let rows = TrafficQueries.rows(of: deployment.key, revision: deployment.revision.number, after: start)
        for row in try db.query(rows) where known[Int(row.integer(1))] != nil {
            let (key, sums) = try TrafficQueries.decode(row, of: deployment.key)
            known[key.arm]?.traffic[window, default: TrafficSums()].merge(sums)
        }
    }

    private func add(
        _ drift: any DriftReadings,
        of deployment: Deployment,
        to known: inout [Int: ArmReading]
    ) async throws(MartletError) {
        for condition in deployment.revision.settings.conditions {
            guard case .stabilityIndex(let feature) = condition.measure else { continue }
            for place in deployment.revision.places(judgedBy: condition) {
                known[place]?.stabilityIndices[feature] = try await drift.stabilityIndex(
                    of: feature,
                    deploymentKey: deployment.key,
                    revision: deployment.revision.number,
                    arm: place
                )
            }
        }
    }
}

extension Revision {
    /// The places of the arms that a condition is about.
    func places(judgedBy condition: Condition) -> [Int] {
        guard condition.measure == .agreement else { return self.newcomers }
        return self.arms.indices.filter { self.arms[$0].role == .shadow }
    }

    /// The places of the arms that most conditions are about: those that prove themselves, or the one that has taken
    /// over.
    private var newcomers: [Int] {
        let trials = self.arms.indices.filter { self.arms[$0].role == .canary || self.arms[$0].role == .challenger }
        return trials.isEmpty ? self.arms.indices.filter { self.arms[$0].role == .primary } : trials
    }
}
