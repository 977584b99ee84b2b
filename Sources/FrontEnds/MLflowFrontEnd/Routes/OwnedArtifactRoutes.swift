import HTTPTypes
import Hummingbird
import MartletArtifacts
import MartletCore
import MartletHTTP
import MartletJSON
import MartletRegistry
import NIOCore

/// Artifacts by the run, the logged model or the version that they belong to, as MLflow's web page asks for them.
struct OwnedArtifactRoutes {
    private static let uploadBytesMax = 10 << 20

    let artifacts: ArtifactService
    let directory: ArtifactDirectory

    func register(on routes: MLflowRoutes) {
        routes
            .on(.get, "artifacts/list", needs: .readArtifacts, use: self.listRun)
            .on(.get, "logged-models/:model_id/artifacts/directories", needs: .readArtifacts, use: self.listLoggedModel)
            .on(.post, "artifacts/presigned-upload-url", needs: .writeArtifacts, use: self.presignUpload)
            .on(.post, "artifacts/presigned-download-url", needs: .readArtifacts, use: self.presignDownload)
        routes.routes
            .on(.get, "logged-models/:model_id/artifacts/files", needs: .readArtifacts, use: self.getFromLoggedModel)
            .on(.post, "upload-artifact", needs: .writeArtifacts, use: self.upload)
    }

    /// Registers the routes that stand outside of MLflow's API.
    func register(onRoot routes: ProtectedRoutes) {
        routes
            .on(.get, "get-artifact", needs: .readArtifacts, use: self.getFromRun)
            .on(.get, "model-versions/get-artifact", needs: .readArtifacts, use: self.getFromVersion)
    }

    @Sendable private func listRun(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let folder = try ArtifactFolder(uri: try await self.directory.artifactURI(of: try fields.runID()))
        return try await self.list(folder, try fields.string("path"))
    }

    @Sendable private func listLoggedModel(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        let folder = try ArtifactFolder(uri: try await self.directory.artifactURI(of: try fields.loggedModelID()))
        return try await self.list(folder, try fields.string("artifact_directory_path"))
    }

    private func list(_ folder: ArtifactFolder, _ path: String?) async throws(MartletError) -> JSONWriter {
        let path = path.flatMap { $0.isEmpty ? nil : $0 }
        let relative = if let path { try ArtifactPath(validating: path).text } else { "" }
        let address = ArtifactAddress(try folder.path(of: path))
        let entries = try await self.artifacts.list(address.path, in: address.space)
        return .object { json in
            json.member("root_uri", folder.uri)
            json.files(entries, in: relative)
        }
    }

    @Sendable private func presignUpload(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        throw .invalid(
            "Presigned upload is not supported for proxied artifact storage (artifact URI scheme: mlflow-artifacts). "
                + "This endpoint requires a direct cloud storage artifact URI."
        )
    }

    @Sendable private func presignDownload(_ fields: MLflowFields) async throws(MartletError) -> JSONWriter {
        throw .invalid(
            "Presigned download is not supported for runs with proxied artifact storage (artifact URI scheme: "
                + "mlflow-artifacts). This endpoint requires a run with a direct cloud storage artifact URI."
        )
    }
}

extension OwnedArtifactRoutes {
    @Sendable private func getFromRun(request: Request, context: MartletRequestContext) async throws -> Response {
        let fields = try request.queryFields()
        let uri = try await self.directory.artifactURI(of: try fields.runID())
        return try await self.get(try fields.requiredString("path"), in: uri, request, context)
    }

    @Sendable private func getFromVersion(request: Request, context: MartletRequestContext) async throws -> Response {
        let fields = try request.queryFields()
        let name = try ModelName(validating: try fields.requiredString("name"))
        let version = try VersionNumber(validating: try fields.requiredString("version"))
        let uri = try await self.directory.artifactURI(of: version, of: name)
        return try await self.get(try fields.requiredString("path"), in: uri, request, context)
    }

    @Sendable private func getFromLoggedModel(
        request: Request,
        context: MartletRequestContext
    ) async throws -> Response {
        guard let path = try request.queryFields().string("artifact_file_path"), !path.isEmpty else {
            throw MartletError.invalid("Request must include the \"artifact_file_path\" query parameter.")
        }
        let id = try LoggedModelID(validating: try context.parameters.require("model_id"))
        return try await self.get(path, in: try await self.directory.artifactURI(of: id), request, context)
    }

    private func get(
        _ path: String,
        in uri: String,
        _ request: Request,
        _ context: MartletRequestContext
    ) async throws(MartletError) -> Response {
        try await self.artifacts.download(
            try ArtifactFolder(uri: uri).path(of: path),
            for: request,
            logger: context.logger
        )
    }

    @Sendable private func upload(request: Request, context: MartletRequestContext) async throws -> Response {
        let fields = try request.queryFields()
        guard let run = try fields.string("run_uuid"), !run.isEmpty else {
            throw MartletError.invalid("Request must specify run_uuid.")
        }
        guard let path = try fields.string("path"), !path.isEmpty else {
            throw MartletError.invalid("Request must specify path.")
        }
        let uri = try await self.directory.artifactURI(of: try MLflowFields.runID(run))
        let body = try await Self.uploadedBody(of: request)
        let file = IncomingFile(RequestBody(buffer: body), announcedSize: nil, sizeMax: nil)
        let target = try ArtifactFolder(uri: uri).path(of: path)
        try ArtifactAddress(target).requireWritable()
        try await self.artifacts.put(file, at: target, in: .mlflow)
        return Response(status: .ok)
    }

    private static func uploadedBody(of request: Request) async throws(MartletError) -> ByteBuffer {
        do throws(MartletError) {
            let body = try await request.wholeBody(bytesMax: self.uploadBytesMax)
            guard body.readableBytes > 0 else { throw .invalid("Request must specify data.") }
            return body
        } catch {
            guard error.code == .limitExceeded else { throw error }
            throw .invalid("Artifact size is too large. Max size is 10MB.")
        }
    }
}
