import MartletCore
import MartletEvents
import MartletJSON

extension JSONWriter {
    /// Writes the members of MLflow's `Webhook`; the secret is never among them.
    mutating func members(of webhook: Webhook) {
        self.member("webhook_id", webhook.id)
        self.member("name", webhook.name.rawValue)
        self.member("description", webhook.description)
        self.member("url", webhook.url)
        self.array("events", of: webhook.mlflowKinds) { json, kind in
            json.beginObject()
            json.member("entity", kind.entity.uppercased())
            json.member("action", kind.action.uppercased())
            json.endObject()
        }
        self.member("status", webhook.isActive ? "ACTIVE" : "DISABLED")
        self.member("creation_timestamp", webhook.createdAt.milliseconds)
        self.member("last_updated_timestamp", webhook.updatedAt.milliseconds)
    }
}

extension Webhook {
    /// What it listens to of what MLflow's clients know.
    var mlflowKinds: [EventKind] { self.kinds.filter(EventKind.mlflow.contains) }
}

extension MLflowFields {
    /// What to listen to; `nil` when nothing is said.
    func eventKinds() throws(MartletError) -> [EventKind]? {
        guard try self.isPresent("events") else { return nil }
        var kinds: [EventKind] = []
        for event in try self.objects("events") { kinds.append(try event.eventKind()) }
        return kinds
    }

    /// An entity and an action that go together.
    func eventKind() throws(MartletError) -> EventKind {
        guard let entity = try self.enumeration("entity", Self.entities) else { throw self.missing("entity") }
        guard let action = try self.enumeration("action", Self.actions) else { throw self.missing("action") }
        let kinds = EventKind.mlflow.filter { $0.entity == entity }
        guard let kind = kinds.first(where: { $0.action == action }) else {
            let valid = kinds.map { "'\($0.action)'" }.sorted().joined(separator: ", ")
            throw .invalid("Invalid action '\(action)' for entity '\(entity)'. Valid actions are: [\(valid)]")
        }
        return kind
    }

    func isActive() throws(MartletError) -> Bool? {
        try self.enumeration("status", [("ACTIVE", 1, true), ("DISABLED", 2, false)])
    }

    /// A text; one that is empty counts as absent.
    func filledString(_ name: StaticString) throws(MartletError) -> String? {
        try self.string(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// `WebhookEntity` of MLflow's webhooks.proto.
    private static let entities = MLflowFields.cases([
        "registered_model", "model_version", "model_version_tag", "model_version_alias", "prompt", "prompt_version",
        "prompt_tag", "prompt_version_tag", "prompt_alias", "budget_policy",
    ])

    /// `WebhookAction` of MLflow's webhooks.proto.
    private static let actions = MLflowFields.cases(["created", "updated", "deleted", "set", "exceeded"])

    /// Enumerations whose first case has the number 1.
    private static func cases(_ names: [String]) -> [(String, Int64, String)] {
        names.enumerated().map { ($0.element.uppercased(), Int64($0.offset + 1), $0.element) }
    }
}
