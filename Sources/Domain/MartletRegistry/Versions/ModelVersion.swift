package import MartletArtifacts
package import MartletCapture
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
    /// Who registered it.
    package var author: ActorName
    /// The version that it followed.
    package var parent: VersionNumber?
    /// `nil` for a version from before there were any.
    package var semanticVersion: SemanticVersion?
    /// Why it is this semantic version and no other.
    package var numberReasons: [String]
    /// `nil` for a version from before there were seals.
    package var seal: VersionSeal?
    package var stage: Stage
    /// What the model itself calls the stage.
    package var stageName: StageName
    /// The ledger's entry that last moved it; -1 for none.
    package var revision: Int64
    /// Why it must not be purged.
    package var holdReason: String?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Since when it is hidden.
    package var deletedAt: Timestamp?
    /// Since when its content is gone.
    package var purgedAt: Timestamp?
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
    /// What its author wants it to be called; `nil` to let the rules decide.
    package var semanticVersion: SemanticVersion?
    /// Its files, where they lie below no source; their bytes must be stored.
    package var files: [DeclaredFile]?
    /// What its author says of it, beside what its run says.
    package var facts: SourceFacts?
    /// Whether to create the model when there is none of that name.
    package var createsModel: Bool

    package init(
        name: ModelName,
        source: String,
        runID: RunID? = nil,
        loggedModelID: LoggedModelID? = nil,
        runLink: String = "",
        description: String = "",
        tags: [Tag] = [],
        semanticVersion: SemanticVersion? = nil,
        files: [DeclaredFile]? = nil,
        facts: SourceFacts? = nil,
        createsModel: Bool = false
    ) {
        self.name = name
        self.source = source
        self.runID = runID
        self.loggedModelID = loggedModelID
        self.runLink = runLink
        self.description = description
        self.tags = tags
        self.semanticVersion = semanticVersion
        self.files = files
        self.facts = facts
        self.createsModel = createsModel
    }
}

/// A file of a new version.
package struct DeclaredFile: Sendable {
    package var path: ArtifactPath
    package var digest: BlobDigest
    /// `nil` to let its name decide.
    package var role: FileRole?

    package init(path: ArtifactPath, digest: BlobDigest, role: FileRole?) {
        self.path = path
        self.digest = digest
        self.role = role
    }
}
