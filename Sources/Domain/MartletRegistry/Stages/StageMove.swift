import MartletCore

/// What somebody wants to move, and what they believe about it.
package struct StageMove: Sendable {
    /// A stage by the model's own name for it, or by MLflow's.
    package enum Target: Sendable {
        case name(StageName)
        case stage(Stage)

        /// Whether a client of MLflow's asks, who knows nothing of a model's own stages.
        var isMLflows: Bool { if case .stage = self { true } else { false } }
    }

    package var model: ModelName
    package var version: VersionSelector
    package var target: Target
    /// The stage that it must be in; `nil` for any.
    package var expectedStage: StageName?
    /// The entry that must have moved it last; `nil` for any.
    package var expectedRevision: Int64?
    /// Whether versions that are in the stage now make room; `nil` where only production has room for one.
    package var archivesOthers: Bool?

    package init(
        _ version: VersionSelector,
        of model: ModelName,
        to target: Target,
        expectedStage: StageName? = nil,
        expectedRevision: Int64? = nil,
        archivesOthers: Bool? = nil
    ) {
        self.version = version
        self.model = model
        self.target = target
        self.expectedStage = expectedStage
        self.expectedRevision = expectedRevision
        self.archivesOthers = archivesOthers
    }
}

/// What a move did.
package struct StageMoveResult: Sendable {
    package let version: ModelVersion
    /// Those that made room.
    package let archived: [ModelVersion]
    package let verdict: GateVerdict
}
