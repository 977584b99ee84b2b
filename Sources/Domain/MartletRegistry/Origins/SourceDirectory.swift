package import MartletCore
package import MartletSQL

/// What the registry must know of runs and logged models to accept one as the origin of a version.
///
/// Called inside the registry's transactions, on their connection, so that what was checked still holds
/// when the version is committed.
package protocol SourceDirectory: Sendable {
    /// Where the artifacts of a run lie; `nil` when there is no such run. A deleted run counts.
    func artifactURI(of run: RunID, on db: any Connection) throws(MartletError) -> String?

    /// What is known of a logged model; `nil` when there is none, or when it was deleted.
    func loggedModel(_ id: LoggedModelID, on db: any Connection) throws(MartletError) -> SourceModel?

    /// What run and logged model say of a version that they made; either may be unknown here.
    func facts(
        run: RunID?,
        loggedModel: LoggedModelID?,
        on db: any Connection
    ) throws(MartletError) -> SourceFacts

    /// What run and logged model have logged by now.
    ///
    /// - Parameter names: Of the only metrics that are wanted; `nil` for all.
    func metrics(
        run: RunID?,
        loggedModel: LoggedModelID?,
        named names: Set<String>?,
        on db: any Connection
    ) throws(MartletError) -> [Manifest.Metric]

    /// Runs that read a dataset, which is given by its name or its digest.
    func runs(reading dataset: String, limit: Int, on db: any Connection) throws(MartletError) -> [DatasetUse]

    /// Notes on a logged model that it became a version.
    func noteVersion(
        _ number: VersionNumber,
        of name: ModelName,
        on model: LoggedModelID,
        db: any Connection
    ) throws(MartletError)
}

/// A logged model, as the origin of a version.
package struct SourceModel: Sendable {
    package var artifactURI: String
    /// The run that logged it.
    package var runID: RunID?

    package init(artifactURI: String, runID: RunID?) {
        self.artifactURI = artifactURI
        self.runID = runID
    }
}

/// That a run read a dataset.
package struct DatasetUse: Sendable {
    package let runID: RunID
    package let name: String
    package let digest: String
    /// As in `training`; empty when nobody said.
    package let context: String

    package init(runID: RunID, name: String, digest: String, context: String) {
        self.runID = runID
        self.name = name
        self.digest = digest
        self.context = context
    }
}
