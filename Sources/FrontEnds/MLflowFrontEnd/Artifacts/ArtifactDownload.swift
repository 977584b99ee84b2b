import HTTPTypes
import Hummingbird
import Logging
import MartletArtifacts
import MartletCore
import MartletHTTP

/// The answer to a request for an artifact's bytes: all of them, some of them, or that the client has them already.
///
/// The entity tag is the digest of the bytes, so it holds across servers, restarts and names.
struct ArtifactDownload {
    let artifacts: ArtifactService

    /// Answers a GET or a HEAD, whichever conditions and range it comes with.
    func response(
        to request: Request,
        for path: ArtifactPath,
        logger: Logger
    ) async throws(MartletError) -> Response {
        let artifact = try await self.artifacts.artifact(at: path, in: .mlflow)
        let size = artifact.size
        let tag = "\"\(artifact.digest)\""
        if request.hasCurrent(tag) { return Response(status: .notModified, headers: [.eTag: tag]) }
        var headers = Self.headers(for: artifact, tag: tag)
        guard request.method != .head else {
            headers[.contentLength] = String(size)
            return Response(status: .ok, headers: headers)
        }
        switch RequestedRange(request.range(ifCurrent: tag), size: size) {
        case .whole:
            return Response(status: .ok, headers: headers, body: try await self.body(artifact, 0..<size, logger))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            let body = try await self.body(artifact, range, logger)
            return Response(status: .partialContent, headers: headers, body: body)
        case .unsatisfiable:
            return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(size)"])
        }
    }

    private static func headers(for artifact: Artifact, tag: String) -> HTTPFields {
        [
            .contentType: ArtifactContentType.guess(from: artifact.path.name),
            .contentDisposition: ContentDisposition.attachment(artifact.path.name),
            .xContentTypeOptions: "nosniff",
            .acceptRanges: "bytes",
            .eTag: tag,
        ]
    }

    private func body(
        _ artifact: Artifact,
        _ range: Range<Int64>,
        _ logger: Logger
    ) async throws(MartletError) -> ResponseBody {
        let bytes = try await self.artifacts.read(artifact, range)
        return ResponseBody(contentLength: range.count) { writer in
            do {
                for try await buffer in bytes {
                    try await writer.write(buffer)
                }
            } catch let error as MartletError {
                // The head is on its way, so all that is left is to cut the connection.
                logger.error("download failed", metadata: error.logMetadata)
                throw error
            }
            try await writer.finish(nil)
        }
    }
}

extension Request {
    /// Whether the client says that it has what `tag` stands for.
    fileprivate func hasCurrent(_ tag: String) -> Bool {
        guard let known = self.headers[.ifNoneMatch] else { return false }
        return known.split(separator: ",").contains { candidate in
            let candidate = candidate.trimming { $0 == " " || $0 == "\t" }
            return candidate == "*" || (candidate.hasPrefix("W/") ? candidate.dropFirst(2) : candidate) == tag
        }
    }

    /// The range that the client asks for, unless it wants one only of what it has seen before and that has changed.
    fileprivate func range(ifCurrent tag: String) -> String? {
        guard self.headers[.ifRange] ?? tag == tag else { return nil }
        return self.headers[.range]
    }
}

extension Substring {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> Substring {
        var rest = self.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }
}
