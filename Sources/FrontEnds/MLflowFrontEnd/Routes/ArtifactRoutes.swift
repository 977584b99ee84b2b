import HTTPTypes
import Hummingbird
import MartletArtifacts
import MartletCore
import MartletHTTP
import MartletJSON

/// `mlflow-artifacts/*`: artifacts for a client that knows nothing of the store behind its server.
struct ArtifactRoutes {
    static let prefixes = ["api/2.0/mlflow-artifacts", "ajax-api/2.0/mlflow-artifacts"]

    let artifacts: ArtifactService
    /// How large an artifact may be; `nil` for as large as fits.
    let sizeMax: Int64?

    func register(on routes: ProtectedRoutes) {
        routes
            .on(.get, "artifacts", needs: .readArtifacts, use: self.list)
            .on(.get, "artifacts/**", needs: .readArtifacts, use: self.get)
            .on(.head, "artifacts/**", needs: .readArtifacts, use: self.get)
            .on(.put, "artifacts/**", needs: .writeArtifacts, use: self.put)
            .on(.put, "artifacts", needs: .writeArtifacts) { _, _ in throw MartletError.invalid("Invalid path") }
            .on(.delete, "artifacts/**", needs: .writeArtifacts, use: self.delete)
            .on(.get, "presigned/**", needs: .readArtifacts, use: self.presign)
    }

    @Sendable private func list(request: Request, context: MartletRequestContext) async throws -> Response {
        let path = try request.queryFields().string("path") ?? ""
        let folder = path.isEmpty ? nil : ArtifactAddress(try ArtifactPath(validating: path))
        let entries = try await self.artifacts.list(folder?.path, in: folder?.space ?? .mlflow)
        return Response(json: .object { $0.files(entries, in: "") })
    }

    @Sendable private func get(request: Request, context: MartletRequestContext) async throws -> Response {
        try await self.artifacts.download(try request.artifactPath(context), for: request, logger: context.logger)
    }

    @Sendable private func put(request: Request, context: MartletRequestContext) async throws -> Response {
        let path = try request.artifactPath(context)
        guard !request.uri.path.hasSuffix("/") else {
            throw MartletError.invalid("Artifact path '\(path)/' refers to a directory, not a file")
        }
        try ArtifactAddress(path).requireWritable()
        try await self.artifacts.put(request.incomingFile(sizeMax: self.sizeMax), at: path, in: .mlflow)
        return Response(status: .ok)
    }

    @Sendable private func delete(request: Request, context: MartletRequestContext) async throws -> Response {
        let path = try request.artifactPath(context)
        try ArtifactAddress(path).requireWritable()
        try await self.artifacts.delete(path, in: .mlflow)
        return Response(json: .empty)
    }

    /// The client then asks this server for the bytes.
    @Sendable private func presign(request: Request, context: MartletRequestContext) async throws -> Response {
        _ = try request.artifactPath(context)
        throw MartletError(.unsupported, "Multipart download is not supported for the current artifact repository")
    }
}
