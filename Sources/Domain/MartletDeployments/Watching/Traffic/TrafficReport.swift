package import MartletCore
import MartletRouting
import MartletSQL

/// What came of a deployment's requests in some time.
package struct TrafficReport: Sendable {
    package let since: Timestamp
    package let until: Timestamp
    /// What had requests, the arms that were in charge first.
    package let arms: [ArmTraffic]

    package var seconds: Double { Double(self.until.milliseconds - self.since.milliseconds) / 1_000 }
}

/// What came of the requests to a version in one role, whichever share it had.
package struct ArmTraffic: Sendable {
    /// As it was in the last of ``revisions``.
    package let arm: Arm
    /// The first and the last of the revisions in which it had requests.
    package let revisions: ClosedRange<Int64>
    package let sums: TrafficSums

    /// What is one to whoever asks, though it is in several revisions.
    private struct Identity: Hashable {
        let arm: String
        let role: Arm.Role
        let versionKey: Int64
    }

    static func all(
        _ sums: [ArmKey: TrafficSums],
        of deployment: FoundDeployment,
        on db: any Connection
    ) throws(MartletError) -> [ArmTraffic] {
        var found: [Identity: ArmTraffic] = [:]
        for (number, keys) in Dictionary(grouping: sums.keys, by: \.revision).sorted(by: { $0.key < $1.key }) {
            let arms = try deployment.revision(number, on: db).arms
            for key in keys where arms.indices.contains(key.arm) {
                let arm = arms[key.arm]
                let identity = Identity(arm: arm.name.rawValue, role: arm.role, versionKey: arm.version.key)
                var total = found[identity]?.sums ?? TrafficSums()
                total.merge(sums[key] ?? TrafficSums())
                let revisions = (found[identity]?.revisions.lowerBound ?? number)...number
                found[identity] = ArmTraffic(arm: arm, revisions: revisions, sums: total)
            }
        }
        return found.values.sorted { $0.sortKey < $1.sortKey }
    }

    private var sortKey: (Int, String) {
        (Arm.Role.allCases.firstIndex(of: self.arm.role) ?? 0, self.arm.name.rawValue)
    }
}
