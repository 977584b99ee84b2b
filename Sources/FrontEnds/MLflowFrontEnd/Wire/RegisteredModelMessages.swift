import MartletCore
import MartletJSON
import MartletRegistry

extension JSONWriter {
    /// Writes the members of MLflow's `RegisteredModel`.
    mutating func members(of model: RegisteredModel) {
        self.member("name", model.name.rawValue)
        self.member("creation_timestamp", model.createdAt.milliseconds)
        self.member("last_updated_timestamp", model.updatedAt.milliseconds)
        self.member("description", model.description)
        self.versions("latest_versions", model.latestVersions)
        self.tags(model.tags)
        self.array("aliases", of: model.aliases) { json, alias in
            json.beginObject()
            json.member("alias", alias.name.rawValue)
            json.member("version", alias.version.description)
            json.endObject()
        }
    }
}

extension MLflowFields {
    /// The name of a registered model, which must be there.
    func modelName(_ name: StaticString = "name") throws(MartletError) -> ModelName {
        try ModelName(validating: try self.requiredString(name), parameter: "\(name)")
    }

    /// The name of an alias, which must be there.
    func aliasName() throws(MartletError) -> AliasName {
        try AliasName(validating: try self.requiredString("alias"))
    }

    /// The tags of a new model.
    func registeredModelTags() throws(MartletError) -> [Tag] {
        var tags: [Tag] = []
        for tag in try self.objects("tags") {
            tags.append(try tag.registeredModelTag())
        }
        return tags
    }

    /// A tag of a model.
    func registeredModelTag() throws(MartletError) -> Tag {
        let tag = try self.registryTag()
        try EntityValidation.checkLength(tag.value, max: Limits.registeredModelTagValueCharacters, called: "value")
        return tag
    }

    /// A tag of a model or a version, whose value may still be too long.
    func registryTag() throws(MartletError) -> Tag {
        let key = try self.registryTagKey()
        try EntityValidation.checkLength(key, max: Limits.registryKeyCharacters, called: "key")
        return Tag(key: key, value: try self.string("value") ?? "")
    }

    /// The key of a tag of a model or a version.
    func registryTagKey() throws(MartletError) -> String {
        let key = try self.requiredString("key")
        try EntityValidation.checkName(key, parameter: "key")
        return key
    }
}
