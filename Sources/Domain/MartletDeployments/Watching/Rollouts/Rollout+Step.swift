import MartletCore
import MartletSQL

extension Rollout {
    /// Notes its next step in the transaction of the revision that the step is.
    ///
    /// The step lasts from when that revision is in force, however long its backend took to get ready.
    ///
    /// - Throws: `preconditionFailed` when somebody else has taken the step, or stopped the roll-out.
    func recordStep(as revision: Revision, on db: any Connection) throws(MartletError) {
        let lasts = max(self.plan.pause, revision.settings.conditions.longestWindow ?? self.plan.pause)
        let state: State = self.stepsDone + 1 == self.plan.steps.count ? .done : .running
        let statement = RolloutQueries.advance(self, to: state, as: revision, dueAt: revision.at + lasts)
        guard try db.execute(statement) > 0 else {
            throw MartletError(.preconditionFailed, "The roll-out has gone on without this server.")
        }
    }
}
