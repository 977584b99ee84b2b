package import MartletCore
import Synchronization

/// Says when to look at a deployment again: the longer the times of its conditions, the less may have changed.
package final class LookPace: Sendable {
    private static let pauseMax = TimeSpan(milliseconds: 10_000)
    /// How many looks there are in a condition's time.
    private static let looksPerWindow: Int64 = 60

    private struct Look {
        let revision: Int64
        let nextAt: Timestamp
    }

    /// By the deployment's key.
    private let looks = Mutex<[Int64: Look]>([:])

    package init() {}

    /// Whether it is time; if so, the next time is later.
    package func admits(_ deployment: Deployment, at now: Timestamp) -> Bool {
        let revision = deployment.revision
        let nextAt = now + Self.pause(for: revision.settings.conditions)
        return self.looks.withLock { looks in
            // A time further away than the pause was reckoned before the clock was set back.
            if let last = looks[deployment.key], last.revision == revision.number, now < last.nextAt,
                last.nextAt <= nextAt
            {
                return false
            }
            looks[deployment.key] = Look(revision: revision.number, nextAt: nextAt)
            return true
        }
    }

    /// None for conditions that are about no time, such as those on outcomes.
    package static func pause(for conditions: [Condition]) -> TimeSpan {
        let shortest = conditions.map { $0.window?.milliseconds ?? 0 }.min() ?? 0
        return min(TimeSpan(milliseconds: shortest / self.looksPerWindow), self.pauseMax)
    }
}
