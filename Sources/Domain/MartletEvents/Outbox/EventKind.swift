/// What sort of thing happened: what to, and what, as in `model_version.created`.
///
/// The words are those of the messages that receivers get. Whoever emits events of a kind of their own names it here.
package struct EventKind: Sendable, Hashable {
    package let entity: String
    package let action: String

    private init(_ entity: String, _ action: String) {
        self.entity = entity
        self.action = action
    }

    package var name: String { "\(self.entity).\(self.action)" }

    /// Finds a kind by its name.
    ///
    /// - Returns: `nil` when nothing of that kind can happen here.
    package init?(named name: String) {
        guard let kind = Self.all.first(where: { $0.name == name }) else { return nil }
        self = kind
    }

    package static let all = mlflow + martlet

    /// Those of MLflow 3.17.
    package static let mlflow = [
        modelCreated, versionCreated, versionTagSet, versionTagDeleted, versionAliasCreated, versionAliasDeleted,
        promptCreated, promptVersionCreated, promptTagSet, promptTagDeleted, promptVersionTagSet,
        promptVersionTagDeleted, promptAliasCreated, promptAliasDeleted, budgetPolicyExceeded,
    ]

    /// Those that only Martlet has.
    package static let martlet = [versionMoved, deploymentChanged, conditionMet, retrainingRequested]
}

extension EventKind {
    package static let modelCreated = EventKind("registered_model", "created")
    package static let versionCreated = EventKind("model_version", "created")
    package static let versionTagSet = EventKind("model_version_tag", "set")
    package static let versionTagDeleted = EventKind("model_version_tag", "deleted")
    package static let versionAliasCreated = EventKind("model_version_alias", "created")
    package static let versionAliasDeleted = EventKind("model_version_alias", "deleted")
    package static let promptCreated = EventKind("prompt", "created")
    package static let promptVersionCreated = EventKind("prompt_version", "created")
    package static let promptTagSet = EventKind("prompt_tag", "set")
    package static let promptTagDeleted = EventKind("prompt_tag", "deleted")
    package static let promptVersionTagSet = EventKind("prompt_version_tag", "set")
    package static let promptVersionTagDeleted = EventKind("prompt_version_tag", "deleted")
    package static let promptAliasCreated = EventKind("prompt_alias", "created")
    package static let promptAliasDeleted = EventKind("prompt_alias", "deleted")
    /// Of MLflow's AI gateway, which Martlet has not: one may listen to it, and never hears of it.
    package static let budgetPolicyExceeded = EventKind("budget_policy", "exceeded")

    /// A version entered a stage.
    package static let versionMoved = EventKind("model_version", "moved")
    /// What a deployment serves is something else now.
    package static let deploymentChanged = EventKind("deployment", "changed")
    /// A version that is new in a deployment does badly.
    package static let conditionMet = EventKind("deployment", "condition")
    /// A model shall be trained again.
    package static let retrainingRequested = EventKind("retraining", "requested")
}
