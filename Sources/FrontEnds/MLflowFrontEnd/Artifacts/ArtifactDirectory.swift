import MartletCore
import MartletRegistry
import MartletTracking

/// Where the artifacts of runs, logged models and versions lie, as URIs.
struct ArtifactDirectory: Sendable {
    let runs: RunService
    let models: LoggedModelService
    let versions: ModelVersionService

    func artifactURI(of run: RunID) async throws(MartletError) -> String {
        try await self.runs.info(run).artifactURI
    }

    func artifactURI(of model: LoggedModelID) async throws(MartletError) -> String {
        try await self.models.model(model).info.artifactURI
    }

    /// URIs that refer to runs or to other versions are resolved.
    func artifactURI(of version: VersionNumber, of name: ModelName) async throws(MartletError) -> String {
        try await self.versions.artifactLocation(of: version, of: name)
    }
}
