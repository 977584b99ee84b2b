import MartletCore
import MartletSQL

/// A step of a roll-out, which is noted in the transaction of the revision that it writes.
struct RolloutStep: Sendable {
    let rollout: Rollout
    let at: Timestamp

    /// - Parameter settings: Those that are in force with the step.
    /// - Throws: `preconditionFailed` when somebody else has taken the step, or stopped the roll-out.
    func record(revision: Int64, _ settings: DeploymentSettings, on db: any Connection) throws(MartletError) {
        let statement = RolloutQueries.advance(
            self.rollout,
            to: self.state,
            revision: revision,
            dueAt: self.at + max(self.rollout.plan.pause, settings.conditions.longestWindow ?? self.rollout.plan.pause),
            self.at
        )
        guard try db.execute(statement) > 0 else {
            throw MartletError(.preconditionFailed, "The roll-out has gone on without this server.")
        }
    }

    private var state: Rollout.State {
        self.rollout.stepsDone + 1 == self.rollout.plan.steps.count ? .done : .running
    }
}
