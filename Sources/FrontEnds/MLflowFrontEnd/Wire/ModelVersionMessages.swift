import MartletCore
import MartletJSON
import MartletRegistry

extension JSONWriter {
    /// Writes the members of MLflow's `ModelVersion`. What was not said at its creation is empty, not absent.
    mutating func members(of version: ModelVersion) {
        self.member("name", version.name.rawValue)
        self.member("version", version.number.description)
        self.member("creation_timestamp", version.createdAt.milliseconds)
        self.member("last_updated_timestamp", version.updatedAt.milliseconds)
        self.member("current_stage", version.stage.mlflowName)
        self.member("description", version.description)
        self.member("source", version.source)
        self.member("run_id", version.runID?.rawValue ?? "")
        // Nobody ever sees a version that is not complete.
        self.member("status", "READY")
        self.tags(version.tags)
        self.member("run_link", version.runLink)
        self.array("aliases", of: version.aliases) { json, alias in json.string(alias.rawValue) }
    }

    /// Writes a list of versions, or nothing when there are none.
    mutating func versions(_ name: StaticString, _ versions: [ModelVersion]) {
        self.array(name, of: versions) { json, version in
            json.beginObject()
            json.members(of: version)
            json.endObject()
        }
    }
}

extension MLflowFields {
    private static let promptTextTag = "mlflow.prompt.text"

    /// The number of a version, which must be there.
    func versionNumber() throws(MartletError) -> VersionNumber {
        try VersionNumber(validating: try self.requiredString("version"))
    }

    /// The tags of a new version.
    func modelVersionTags() throws(MartletError) -> [Tag] {
        var tags: [Tag] = []
        for tag in try self.objects("tags") {
            tags.append(try tag.modelVersionTag())
        }
        return tags
    }

    /// A tag of a version, whose value may be the text of a prompt.
    func modelVersionTag() throws(MartletError) -> Tag {
        let tag = try self.registryTag()
        let valueMax = Limits.modelVersionTagValueCharacters
        guard tag.key == Self.promptTextTag else {
            try EntityValidation.checkLength(tag.value, max: valueMax, called: "value")
            return tag
        }
        guard tag.value.utf8.count <= valueMax || tag.value.unicodeScalars.count <= valueMax else {
            throw .invalid("Prompt text exceeds max length of \(valueMax) characters.")
        }
        return tag
    }
}
