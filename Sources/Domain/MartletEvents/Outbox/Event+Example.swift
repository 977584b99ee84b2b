import MartletCore
import MartletJSON

/// What a webhook is sent to try it out: of MLflow's kinds, what MLflow 3.17 sends.
extension Event {
    static func example(of kind: EventKind, at now: Timestamp) -> Event {
        Event(kind, of: "example", at: now) { json in
            switch kind {
            case .budgetPolicyExceeded: json.exampleBudget()
            case .deploymentChanged: json.exampleDeployment()
            case .conditionMet: json.exampleCondition()
            case .retrainingRequested: json.exampleRetraining()
            default: json.exampleModel(kind)
            }
        }
    }
}

extension JSONWriter {
    /// What is said of models and prompts, their versions, tags and aliases.
    fileprivate mutating func exampleModel(_ kind: EventKind) {
        let isPrompt = kind.entity.hasPrefix("prompt")
        let isOfVersion = kind.entity.contains("version") && kind != .versionAliasDeleted
        self.member("name", isPrompt ? "example_prompt" : "example_model")
        if isOfVersion || kind == .promptAliasCreated { self.member("version", "1") }
        switch kind {
        case .modelCreated, .promptCreated, .versionCreated, .promptVersionCreated: self.exampleCreation(kind)
        case .versionTagSet, .promptTagSet, .promptVersionTagSet:
            self.member("key", "example_key")
            self.member("value", "example_value")
        case .versionTagDeleted, .promptTagDeleted, .promptVersionTagDeleted: self.member("key", "example_key")
        case .versionMoved: self.exampleMove()
        default: self.member("alias", "example_alias")
        }
    }

    private mutating func exampleCreation(_ kind: EventKind) {
        switch kind {
        case .versionCreated:
            self.member("source", "models:/123")
            self.member("run_id", "abcd1234abcd5678")
        case .promptVersionCreated: self.member("template", "Hello {{name}}!")
        default: break
        }
        self.object("tags") { $0.member("example_key", "example_value") }
        let what: String =
            switch kind {
            case .modelCreated: "registered model"
            case .versionCreated: "model version"
            case .promptCreated: "prompt"
            default: "prompt version"
            }
        self.member("description", "An example \(what)")
    }

    private mutating func exampleMove() {
        self.member("from", "staging")
        self.member("to", "production")
        self.member("actor", "ann")
        self.member("reason", "An example")
    }

    fileprivate mutating func exampleBudget() {
        self.member("budget_policy_id", "bp-abc123")
        self.member("budget_unit", "USD")
        self.member("budget_amount", 100.0)
        self.member("current_spend", 105.5)
        self.member("duration_unit", "MONTHS")
        self.member("duration_value", 1 as Int64)
        self.member("target_scope", "ENDPOINT")
        self.member("workspace", "default")
        self.member("target_value", "ep-abc123")
        self.member("window_start", 1_704_067_200_000 as Int64)
    }

    fileprivate mutating func exampleDeployment() {
        self.member("deployment", "example_deployment")
        self.member("revision", 1 as Int64)
        self.member("cause", "deploy")
        self.member("actor", "ann")
        self.member("reason", "An example")
    }

    fileprivate mutating func exampleCondition() {
        self.member("deployment", "example_deployment")
        self.member("revision", 1 as Int64)
        self.member("arm", "example_model@1.0.0")
        self.member("name", "example_model")
        self.member("version", "1")
        self.member("condition", "error rate over 2% for 5m on 150 requests: notify")
        self.member("action", "notify")
        self.member("measured", 0.125)
        self.member("count", 200 as Int64)
        self.member("reason", "An example")
    }

    fileprivate mutating func exampleRetraining() {
        self.member("name", "example_model")
        self.member("version", "1")
        self.member("deployment", "example_deployment")
        self.member("reason", "An example")
    }
}
