package import MartletCore
import MartletJSON
package import MartletRouting
package import MartletStatistics

/// A comparison of a deployment's arms, by a plan that was there before what it is about.
package struct DeploymentExperiment: Sendable {
    /// How an experiment ended.
    package struct End: Sendable {
        package let act: Act
        package let at: Timestamp
        /// The place of its entry in the ledger, which has the verdicts.
        package let entry: Int64
    }

    let key: Int64
    let deploymentKey: Int64
    /// 1, 2, 3 and so on in its deployment.
    package let number: Int64
    package let design: ExperimentDesign
    /// The revision that it began with: decisions of that one and later ones belong to it.
    package let firstRevision: Int64
    package let act: Act
    package let startedAt: Timestamp
    /// The place of its entry in the ledger, which has the plan.
    package let entry: Int64
    /// `nil` while it is under way.
    package let end: End?
}

/// What an experiment asks of which versions.
package struct ExperimentDesign: Sendable {
    package let plan: ExperimentPlan
    /// The baseline, and then those that are compared with it.
    package let arms: [ExperimentArm]

    /// The goal, and then the guardrails.
    var metrics: [ExperimentMetric] { [self.plan.goal] + self.plan.guardrails }

    /// Returns the place of an arm of a revision; `nil` when it is none of the experiment's.
    func place(of arm: ExperimentArm) -> Int? { self.arms.firstIndex(of: arm) }
}

/// An arm as an experiment knows it, in whatever revision.
package struct ExperimentArm: Sendable, Hashable {
    package let name: ArmName
    /// Of the version's manifest: a name that is given to another version is another arm.
    package let digest: BlobDigest
}

/// An experiment that somebody wants.
package struct ExperimentDraft: Sendable {
    package var goal: ExperimentMetric
    package var guardrails: [ExperimentMetric] = []
    package var alpha = 0.05
    package var minimumSample: UInt64 = 100
    package var tightestAt = 5_000.0
    /// What others are compared with; `nil` for the primary arm.
    package var baseline: ArmName?

    package init(goal: ExperimentMetric) {
        self.goal = goal
    }
}
