package import MartletCore
package import MartletRegistry
package import MartletRouting

/// What somebody wants to be rolled out.
package struct RolloutDraft: Sendable {
    package let model: ModelName
    /// Any name of the version; what it means is settled at once.
    package let version: VersionSelector
    /// `nil` for the version's own.
    package let arm: ArmName?
    package let backend: Backend
    package let steps: [Share]
    package let pause: TimeSpan
    package let requestsMin: Int64
    package let conditions: [Condition]?
    /// When the first step is taken; `nil` for at once.
    package let start: Timestamp?

    package init(
        model: ModelName,
        version: VersionSelector,
        arm: ArmName?,
        backend: Backend,
        steps: [Share],
        pause: TimeSpan,
        requestsMin: Int64,
        conditions: [Condition]?,
        start: Timestamp?
    ) {
        self.model = model
        self.version = version
        self.arm = arm
        self.backend = backend
        self.steps = steps
        self.pause = pause
        self.requestsMin = requestsMin
        self.conditions = conditions
        self.start = start
    }
}
