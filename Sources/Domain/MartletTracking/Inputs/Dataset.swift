package import MartletCore

/// A dataset version as a client describes it; name and digest identify it within an experiment.
package struct Dataset: Sendable, Hashable {
    package var name: String
    package var digest: String
    package var sourceType: String
    package var source: String
    package var schema: String?
    package var profile: String?

    package init(
        name: String,
        digest: String,
        sourceType: String,
        source: String,
        schema: String?,
        profile: String?
    ) {
        self.name = name
        self.digest = digest
        self.sourceType = sourceType
        self.source = source
        self.schema = schema
        self.profile = profile
    }
}

/// A dataset that a run read, with what the run says of it (for example its context, `training`).
package struct DatasetInput: Sendable, Hashable {
    package var dataset: Dataset
    package var tags: [Tag]

    package init(dataset: Dataset, tags: [Tag]) {
        self.dataset = dataset
        self.tags = tags
    }
}

/// A model that a run produced, and the step at which it did.
package struct ModelOutput: Sendable, Hashable {
    package var modelID: LoggedModelID
    package var step: Int64

    package init(modelID: LoggedModelID, step: Int64) {
        self.modelID = modelID
        self.step = step
    }
}
