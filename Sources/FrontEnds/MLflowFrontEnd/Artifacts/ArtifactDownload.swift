import HTTPTypes
import Hummingbird
import Logging
import MartletArtifacts
import MartletCore
import MartletHTTP

extension ArtifactService {
    /// Answers a request for the artifact at a path.
    func download(
        _ path: ArtifactPath,
        for request: Request,
        logger: Logger
    ) async throws(MartletError) -> Response {
        let address = ArtifactAddress(path)
        let artifact = try await self.artifact(at: address.path, in: address.space)
        // A URL is good for one method only.
        if request.method == .get, let url = try await self.temporaryURL(of: artifact) {
            return Response(status: .temporaryRedirect, headers: [.location: url])
        }
        let download = FileDownload(artifact.path.name, size: artifact.size, digest: artifact.digest) {
            range throws(MartletError) in try await self.read(artifact, range)
        }
        return try await download.response(to: request, logger: logger)
    }
}
