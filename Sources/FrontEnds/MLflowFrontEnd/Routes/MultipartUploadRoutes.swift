import HTTPTypes
import Hummingbird
import MartletArtifacts
import MartletCore
import MartletHTTP
import MartletJSON

/// `mlflow-artifacts/mpu/*`: large artifacts that the client sends in parts, several at a time.
///
/// The client sends each part to the address that it is given for it, without its own headers: the random identifier
/// in that address is what entitles it. Addresses are our own, or an object store's where the settings allow that.
struct MultipartUploadRoutes {
    let uploads: MultipartUploadService
    /// How large a part may be, and a whole file that does not come through us; `nil` for as large as fits.
    let partSizeMax: Int64?
    /// How long a JSON request may be.
    let bodyBytesMax: Int

    func register(on routes: ProtectedRoutes) {
        routes
            .on(.post, "mpu/create/**", needs: .writeArtifacts, use: self.create)
            .on(.post, "mpu/complete/**", needs: .writeArtifacts, use: self.complete)
            .on(.post, "mpu/abort/**", needs: .writeArtifacts, use: self.abort)
            .on(.put, "mpu/parts/:upload_id/:part_number", needs: .writeArtifacts, use: self.putPart)
    }

    @Sendable private func create(request: Request, context: MartletRequestContext) async throws -> Response {
        let fields = try await self.fields(request)
        let partCount = Int(try fields.integer("num_parts") ?? 1)
        let path = try fields.target(below: try request.artifactPath(context))
        try ArtifactAddress(path).requireWritable()
        let id = try await self.uploads.create(at: path, in: .mlflow, partCount: partCount)
        let direct = try await self.uploads.addressesOfParts(of: id, partCount: partCount)
        let address = try request.addressOfParts(id)
        return Response(
            json: .object { json in
                json.member("upload_id", id.rawValue)
                json.array("credentials", of: 1...partCount) { json, number in
                    json.beginObject()
                    json.member("url", direct?[number - 1] ?? "\(address)/\(number)")
                    json.member("part_number", Int64(number))
                    json.object("headers") { _ in }
                    json.endObject()
                }
            }
        )
    }

    @Sendable private func putPart(request: Request, context: MartletRequestContext) async throws -> Response {
        let id = try MultipartUploadID(validating: try context.parameters.require("upload_id"))
        let number = try context.parameters.require("part_number")
        guard let number = Int(number) else { throw MartletError.invalid("'\(number)' is not the number of a part") }
        let file = request.incomingFile(sizeMax: self.partSizeMax)
        let part = try await self.uploads.put(file, asPart: number, of: id)
        return Response(status: .ok, headers: [.eTag: "\"\(part.tag)\""])
    }

    @Sendable private func complete(request: Request, context: MartletRequestContext) async throws -> Response {
        let fields = try await self.fields(request)
        let id = try MultipartUploadID(validating: try fields.requiredString("upload_id"))
        var parts: [MultipartUploadPart] = []
        for part in try fields.objects("parts") {
            let tag = try part.requiredString("etag").filter { $0 != "\"" }
            let number = Int(try part.requiredInteger("part_number"))
            parts.append(MultipartUploadPart(number: number, tag: tag))
        }
        let path = try fields.target(below: try request.artifactPath(context))
        try await self.uploads.complete(id, at: path, in: .mlflow, parts, sizeMax: self.partSizeMax)
        return Response(json: .empty)
    }

    @Sendable private func abort(request: Request, context: MartletRequestContext) async throws -> Response {
        let fields = try await self.fields(request)
        let id = try MultipartUploadID(validating: try fields.requiredString("upload_id"))
        let path = try fields.target(below: try request.artifactPath(context))
        try await self.uploads.abort(id, at: path, in: .mlflow)
        return Response(json: .empty)
    }

    private func fields(_ request: Request) async throws(MartletError) -> MLflowFields {
        try await request.mlflowFields(captures: [], bodyBytesMax: self.bodyBytesMax)
    }
}

extension MLflowFields {
    /// The artifact that is being uploaded: the folder stands in the route, and the name is that of the client's file.
    fileprivate func target(below folder: ArtifactPath) throws(MartletError) -> ArtifactPath {
        let local = try self.requiredString("path")
        let name = local.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? ""
        return try folder.appending(try ArtifactPath(validating: String(name)))
    }
}

extension Request {
    /// Where the client sends the parts of an upload: to this server, under the name by which it knows it.
    fileprivate func addressOfParts(_ id: MultipartUploadID) throws(MartletError) -> String {
        guard let host = self.head.authority, let route = self.uri.path.firstRange(of: "/mpu/create/") else {
            throw .invalid("The request has no Host header")
        }
        let forwarded = HTTPField.Name("X-Forwarded-Proto").flatMap { self.headers[$0] }
        let scheme = forwarded == "https" || forwarded == "http" ? forwarded : self.head.scheme
        return "\(scheme ?? "http")://\(host)\(self.uri.path[..<route.lowerBound])/mpu/parts/\(id)"
    }
}
