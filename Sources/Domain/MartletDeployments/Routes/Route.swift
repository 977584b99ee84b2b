package import MartletCore
package import MartletRouting

/// A deployment as requests are routed by it.
package final class Route: Sendable {
    package let deployment: Deployment
    package let arms: [Arm]
    /// What the version of each arm is called.
    package let labels: [String]
    package let recording: DeploymentSettings.Recording
    package let bodyBytesMax: Int64
    package let timeoutMilliseconds: Int64
    package let attemptsMax: Int
    /// Whether bodies are looked at or kept.
    package let observes: Bool
    /// Whether requests do not all go to the same arm, and no other.
    package let hasChoice: Bool
    /// The place of the arm that is in charge.
    package let primary: Int
    /// Over the arms that answer.
    private let split: TrafficSplit
    /// The places of those in the revision.
    private let answering: [Int]
    /// The places of the others.
    private let shadows: [Int]
    private let salt: RoutingSalt

    package init(_ deployment: Deployment) throws(MartletError) {
        let arms = deployment.revision.arms
        self.deployment = deployment
        self.arms = arms
        self.labels = arms.map(\.version.label)
        let settings = deployment.revision.settings
        self.recording = settings.recording
        self.bodyBytesMax = settings.bodyBytesMax
        self.timeoutMilliseconds = settings.timeoutMilliseconds
        self.attemptsMax = settings.attemptsMax
        self.observes = settings.drift != nil || settings.payloads != nil
        self.answering = arms.indices.filter { arms[$0].role.answers }
        self.shadows = arms.indices.filter { !arms[$0].role.answers && arms[$0].share > .none }
        self.primary = arms.firstIndex { $0.role == .primary } ?? 0
        self.hasChoice = arms[self.primary].share < .all || !self.shadows.isEmpty
        self.split = try TrafficSplit(self.answering.map { SplitArm(name: arms[$0].name, share: arms[$0].share) })
        self.salt = try RoutingSalt(Array(deployment.salt.utf8))
    }

    package var settings: DeploymentSettings { self.deployment.revision.settings }

    /// Whether another one of the same name is of a later revision, or of a later deployment.
    func isOlder(than other: Route) -> Bool {
        let (present, later) = (self.deployment, other.deployment)
        return (present.key, present.revision.number) < (later.key, later.revision.number)
    }

    /// Whether a deployment is routed as it is now, or later.
    func goes(by deployment: Deployment) -> Bool {
        let (present, wanted) = (self.deployment, deployment)
        return (present.key, present.revision.number) >= (wanted.key, wanted.revision.number)
    }

    package func hash(_ subject: UnsafeRawBufferPointer) -> SubjectHash {
        SubjectHash(subject, salt: self.salt)
    }

    /// Returns the place of the arm that answers a subject.
    package func arm(for subject: SubjectHash) -> Int {
        self.answering[self.split.arm(for: subject)]
    }

    /// Returns the places of the arms that get a copy of a subject's request.
    package func shadows(for subject: SubjectHash) -> [Int] {
        self.shadows.filter { index in
            let arm = self.arms[index]
            return subject.draw(Array("shadow \(arm.name)".utf8)).isBelow(arm.share)
        }
    }

}
