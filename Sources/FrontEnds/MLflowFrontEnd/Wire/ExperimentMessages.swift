import MartletCore
import MartletJSON
import MartletTracking

extension JSONWriter {
    /// Writes the members of MLflow's `Experiment`.
    mutating func members(of experiment: Experiment) {
        self.member("experiment_id", experiment.id.description)
        self.member("name", experiment.name)
        self.member("artifact_location", experiment.artifactLocation)
        self.member("lifecycle_stage", experiment.isDeleted ? "deleted" : "active")
        self.member("last_update_time", experiment.updatedAt.milliseconds)
        self.member("creation_time", experiment.createdAt.milliseconds)
        self.tags(experiment.tags)
    }

    /// Writes `tags`, or nothing when there are none.
    mutating func tags(_ tags: [Tag]) {
        self.array("tags", of: tags) { json, tag in json.pair(tag.key, tag.value) }
    }

    /// Writes the object `{"key", "value"}`, which tags and params share.
    mutating func pair(_ key: String, _ value: String) {
        self.beginObject()
        self.member("key", key)
        self.member("value", value)
        self.endObject()
    }

    /// The answer of routes that have nothing to say.
    static var empty: JSONWriter { .object { _ in } }

    /// An object made by `body`.
    static func object(_ body: (inout JSONWriter) -> Void) -> JSONWriter {
        var json = JSONWriter()
        json.beginObject()
        body(&json)
        json.endObject()
        return json
    }
}
