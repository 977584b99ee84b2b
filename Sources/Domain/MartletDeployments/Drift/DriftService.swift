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
        let since = since ?? self.aDayAgo
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

    /// Returns the stability index of a feature or score of an arm since its revision, for a day at most; `nil` as long
    /// as too little is known: without a reference, or with so few values that chance would show as drift.
    package func stabilityIndex(
        of feature: String,
        deploymentKey: Int64,
        revision: Int64,
        arm: Int
    ) async throws(MartletError) -> Double? {
        let (version, start) = try await self.database.read { db throws(MartletError) in
            let revision = try FoundDeployment.find(key: deploymentKey, on: db).revision(revision, on: db)
            guard revision.arms.indices.contains(arm) else {
                throw MartletError(.notFound, "The revision \(revision.number) has no arm \(arm).")
            }
            return (revision.arms[arm].version.key, revision.at)
        }
        let since = max(start, self.aDayAgo).hour
        let query = DriftQueries.counts(of: feature, revision: revision, arm: arm, in: deploymentKey, since: since)
        guard let reference = try await self.references.reference(ofVersion: version).features[feature],
            let now = try await self.counts(query)[feature],
            let index = try StabilityIndex(reference: reference.counts, now: now),
            index.expectedWithoutDrift <= max(Self.usualDrift, index.value) * Self.chanceMax
        else { return nil }
        return index.value
    }

    /// What is usually taken for drift.
    private static let usualDrift = 0.2
    /// Which part of that, or of what is found where that is more, may come by chance alone: a small reference does
    /// for a large drift.
    private static let chanceMax = 0.1

    private var aDayAgo: Timestamp { Timestamp(milliseconds: self.surroundings.now().milliseconds - 86_400_000) }

    private func drift(
        of arm: Arm,
        in deploymentKey: Int64,
        _ settings: DriftSettings?,
        since: Timestamp
    ) async throws(MartletError) -> DriftReport.ArmDrift {
        let reference = try await self.references.reference(ofVersion: arm.version.key)
        let counts = try await self.counts(
            DriftQueries.counts(ofVersion: arm.version.key, in: deploymentKey, since: since.hour)
        )
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

    /// Adds up rows of a feature and its counts.
    private func counts(_ query: SQL) async throws(MartletError) -> [String: BinCounts] {
        try await self.database.read(.search) { db throws(MartletError) in
            var sums: [String: BinCounts] = [:]
            for row in try db.query(query) {
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

extension DriftService: DriftReadings {}
