package import MartletCore

/// One numbered state of a registered model.
package struct ModelVersion: Sendable {
    package var name: ModelName
    package var number: VersionNumber
    /// The URI that the version was registered from, as the client spelt it.
    package var source: String
    /// Where the files lie: ``source``, unless that names a logged model or another version.
    package var artifactURI: String
    /// The run that made the model, as far as the client said so.
    package var runID: RunID?
    package var loggedModelID: LoggedModelID?
    package var runLink: String
    /// `nil` when it was cleared.
    package var description: String?
    package var stage: Stage
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var tags: [Tag]
    /// Empty also where they were not asked for, as in a search.
    package var aliases: [AliasName]
}

/// What a new version begins with.
package struct NewModelVersion: Sendable {
    package var name: ModelName
    package var source: String
    package var runID: RunID?
    package var loggedModelID: LoggedModelID?
    package var runLink: String
    package var description: String
    package var tags: [Tag]

    package init(
        name: ModelName,
        source: String,
        runID: RunID? = nil,
        loggedModelID: LoggedModelID? = nil,
        runLink: String = "",
        description: String = "",
        tags: [Tag] = []
    ) {
        self.name = name
        self.source = source
        self.runID = runID
        self.loggedModelID = loggedModelID
        self.runLink = runLink
        self.description = description
        self.tags = tags
    }
}
