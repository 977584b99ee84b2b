package import MartletCore
package import MartletRouting
import MartletSQL
package import MartletStatistics

/// An experiment with what it says by now.
package final class ExperimentReport: Sendable {
    /// How many units an arm has got.
    package struct ArmCount: Sendable {
        package let arm: ArmName
        package let units: UInt64
    }

    package let experiment: DeploymentExperiment
    /// One for each challenger.
    package let readings: [ExperimentReading]
    /// In the order of the design.
    package let counts: [ArmCount]

    init(_ experiment: DeploymentExperiment, on db: any Connection) throws(MartletError) {
        let design = experiment.design
        let arms = try Self.summaries(of: experiment, on: db)
        let periods = try ExperimentPeriods(of: experiment, on: db)
        let counts = try periods.sampleCounts()
        self.experiment = experiment
        self.counts = design.arms.enumerated().map { ArmCount(arm: $1.name, units: periods.units(of: $0)) }
        self.readings = try design.arms.indices.dropFirst().map { place throws(MartletError) in
            let comparisons = try design.plan.comparisons(
                baseline: arms[0],
                challenger: arms[place],
                challengers: design.arms.count - 1
            )
            return ExperimentReading(
                design.plan,
                baseline: design.arms[0].name.rawValue,
                challenger: design.arms[place].name.rawValue,
                comparisons,
                counts
            )
        }
    }

    /// Returns a summary for each arm and metric, in the design's order.
    private static func summaries(
        of experiment: DeploymentExperiment,
        on db: any Connection
    ) throws(MartletError) -> [[OutcomeSummary]] {
        var found: [ExperimentSums.SumPlace: OutcomeSummary] = [:]
        for row in try db.query(ExperimentQueries.summaries(of: experiment.key)) {
            let place = ExperimentSums.SumPlace(arm: Int(row.integer(0)), metric: row.text(1))
            found[place] = try OutcomeSummary(bytes: row.bytes(2))
        }
        return experiment.design.arms.indices.map { arm in
            experiment.design.metrics.map { metric in
                found[ExperimentSums.SumPlace(arm: arm, metric: metric.name)] ?? OutcomeSummary()
            }
        }
    }
}

/// How many units each arm got while shares were what they were.
package struct ExperimentPeriods: Sendable {
    private struct Period {
        let weights: [UInt64]
        var units: [UInt64]
    }

    /// In the order of revisions; two that follow each other have different weights.
    private var periods: [Period] = []

    init(of experiment: DeploymentExperiment, on db: any Connection) throws(MartletError) {
        let arms = experiment.design.arms
        var weights: [Int64: [UInt64]] = [:]
        for row in try db.query(ExperimentQueries.shares(of: experiment)) {
            let arm = ExperimentArm(name: ArmName(trusted: row.text(1)), digest: BlobDigest(bytes: row.bytes(2)))
            guard let place = experiment.design.place(of: arm) else { continue }
            weights[row.integer(0), default: arms.map { _ in 0 }][place] = UInt64(row.integer(3))
        }
        for row in try db.query(ExperimentQueries.counts(of: experiment.key)) {
            guard let weights = weights[row.integer(0)] else { continue }
            self.add(UInt64(row.integer(2)), to: Int(row.integer(1)), weights)
        }
    }

    /// - Parameter counts: In the order of revisions.
    package init(_ counts: [(weights: [UInt64], arm: Int, units: UInt64)]) {
        for count in counts { self.add(count.units, to: count.arm, count.weights) }
    }

    private mutating func add(_ units: UInt64, to arm: Int, _ weights: [UInt64]) {
        if self.periods.last?.weights != weights {
            self.periods.append(Period(weights: weights, units: weights.map { _ in 0 }))
        }
        self.periods[self.periods.count - 1].units[arm] += units
    }

    package func units(of arm: Int) -> UInt64 { self.periods.reduce(0) { $0 + $1.units[arm] } }

    package func sampleCounts() throws(MartletError) -> [SampleCounts] {
        try self.periods.map { period throws(MartletError) in
            try SampleCounts(subjects: period.units, weights: period.weights)
        }
    }
}
