package import MartletCore

/// A name under which versions of a model are kept.
package struct RegisteredModel: Sendable {
    /// The tag that makes a model, or a version, a prompt: text kept where models are kept.
    package static let promptTag = "mlflow.prompt.is_prompt"
    /// The tag of a version that holds its text, if it is a prompt.
    static let promptTextTag = "mlflow.prompt.text"
    /// The tags by which MLflow's clients keep prompts, which say nothing to people.
    static let promptMarks: Set = [promptTag, promptTextTag, "_mlflow_prompt_type"]

    /// A name for one of the versions.
    package struct Alias: Sendable, Hashable {
        package var name: AliasName
        package var version: VersionNumber
    }

    package var name: ModelName
    /// `nil` when there never was one, or when it was cleared.
    package var description: String?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// The newest version in each stage, in the order of their numbers.
    package var latestVersions: [ModelVersion]
    package var tags: [Tag]
    package var aliases: [Alias]
}

extension [Tag] {
    /// One tag for each key, the last of a repeated one, in the order of their keys.
    var distinct: [Tag] {
        let values = Dictionary(self.map { (ExactText($0.key), $0.value) }, uniquingKeysWith: { $1 })
        return values.map { Tag(key: $0.key.text, value: $0.value) }
            .sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// Whether they mark what they belong to as a prompt.
    var markPrompt: Bool {
        self.last { $0.key == RegisteredModel.promptTag }?.value.lowercased() == "true"
    }
}
