package import MartletCore
package import MartletRouting
package import MartletSQL
package import MartletStatistics

/// How far what versions see and say now is from what they were trained on.
package struct DriftService: Sendable {
    private let database: any Database
    private let surroundings: Surroundings
    private let references: DriftReferences

    package init(database: any Database, surroundings: Surroundings, references: DriftReferences) {
        self.database = database
        self.surroundings = surroundings
        self.references = references
    }

    /// Compares every feature and score of the versions that a deployment serves.
    ///
    /// - Parameter since: From the beginning of that hour on; `nil` for the last 24 hours.
    package func report(
        _ name: DeploymentName,
        since: Timestamp? = nil
    ) async throws(MartletError) -> DriftReport {
        let since = since ?? Timestamp(milliseconds: self.surroundings.now().milliseconds - 86_400_000)
        let deployment = try await self.database.read { db throws(MartletError) in
            try FoundDeployment.find(name, on: db).load(on: db)
        }
        var arms: [DriftReport.ArmDrift] = []
        for arm in deployment.revision.arms where arm.role.answers {
            let settings = deployment.revision.settings.drift
            arms.append(try await self.drift(of: arm, in: deployment.key, settings, since: since))
        }
        return DriftReport(since: Timestamp(milliseconds: since.hour * 3_600_000), arms: arms)
    }

    /// Returns the stability index of one feature or score of a version, for conditions; `nil` without a reference or
    /// values.
    package func psi(
        ofVersion key: Int64,
        in deploymentKey: Int64,
        feature: String,
        since: Timestamp
    ) async throws(MartletError) -> StabilityIndex? {
        guard let reference = try await self.references.reference(ofVersion: key).features[feature],
            let now = try await self.counts(ofVersion: key, in: deploymentKey, since: since)[feature]
        else { return nil }
        return try StabilityIndex(reference: reference.counts, now: now)
    }

    private func drift(
        of arm: Arm,
        in deploymentKey: Int64,
        _ settings: DriftSettings?,
        since: Timestamp
    ) async throws(MartletError) -> DriftReport.ArmDrift {
        let reference = try await self.references.reference(ofVersion: arm.version.key)
        let counts = try await self.counts(ofVersion: arm.version.key, in: deploymentKey, since: since)
        let names = Set(settings.map { Array($0.places.keys) } ?? []).union(counts.keys)
        return DriftReport.ArmDrift(
            arm: arm.name,
            features: try names.sorted(by: Self.precedes).map { name throws(MartletError) in
                try DriftReport.Feature(name, reference.features[name], counts[name])
            }
        )
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private func counts(
        ofVersion key: Int64,
        in deploymentKey: Int64,
        since: Timestamp
    ) async throws(MartletError) -> [String: BinCounts] {
        try await self.database.read(.search) { db throws(MartletError) in
            var sums: [String: BinCounts] = [:]
            for row in try db.query(DriftQueries.counts(of: key, in: deploymentKey, since: since.hour)) {
                var counts = try BinCounts(bytes: row.bytes(1))
                if let sum = sums[row.text(0)] { try counts.merge(sum) }
                sums[row.text(0)] = counts
            }
            return sums
        }
    }
}

/// What has changed since training, for each version that answers.
package final class DriftReport: Sendable {
    package struct ArmDrift: Sendable {
        package let arm: ArmName
        package let features: [Feature]
    }

    /// One feature or score.
    package struct Feature: Sendable {
        package let name: String
        /// Whether the version says how it was distributed.
        package let hasReference: Bool
        /// How many values were looked at.
        package let count: UInt64
        /// `nil` as long as there is nothing to compare.
        package let stability: StabilityIndex?
        /// Of numbers only.
        package let distance: KolmogorovSmirnov?

        init(_ name: String, _ reference: DriftReference.Feature?, _ now: BinCounts?) throws(MartletError) {
            self.name = name
            self.hasReference = reference != nil
            self.count = now?.total ?? 0
            guard let reference, let now else {
                (self.stability, self.distance) = (nil, nil)
                return
            }
            self.stability = try StabilityIndex(reference: reference.counts, now: now)
            self.distance = try KolmogorovSmirnov(reference.bins, reference: reference.counts, now: now)
        }
    }

    /// The beginning of an hour.
    package let since: Timestamp
    package let arms: [ArmDrift]

    init(since: Timestamp, arms: [ArmDrift]) {
        self.since = since
        self.arms = arms
    }
}
