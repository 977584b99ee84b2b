import HTTPTypes
package import Hummingbird
package import Logging
package import MartletCore
package import NIOCore

/// The answer to a request for a file's bytes: all of them, some of them, or that the client has them already.
///
/// The entity tag is the digest of the bytes, so it holds across servers, restarts and names.
package struct FileDownload: Sendable {
    package typealias Bytes = any AsyncSequence<ByteBuffer, MartletError> & Sendable

    private let name: Substring
    private let size: Int64
    private let tag: String
    private let open: @Sendable (Range<Int64>) async throws(MartletError) -> Bytes

    /// - Parameters:
    ///   - name: What a browser saves it as, and what its type is guessed from.
    ///   - open: Opens a part of the file.
    package init(
        _ name: Substring,
        size: Int64,
        digest: BlobDigest,
        open: @escaping @Sendable (Range<Int64>) async throws(MartletError) -> Bytes
    ) {
        self.name = name
        self.size = size
        self.tag = "\"\(digest)\""
        self.open = open
    }

    /// Answers a GET or a HEAD, whichever conditions and range it comes with.
    package func response(to request: Request, logger: Logger) async throws(MartletError) -> Response {
        if request.hasCurrent(self.tag) { return Response(status: .notModified, headers: [.eTag: self.tag]) }
        var headers = self.headers
        guard request.method != .head else {
            headers[.contentLength] = String(self.size)
            return Response(status: .ok, headers: headers)
        }
        switch RequestedRange(request.range(ifCurrent: self.tag), size: self.size) {
        case .whole:
            return Response(status: .ok, headers: headers, body: try await self.body(0..<self.size, logger))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(self.size)"
            return Response(status: .partialContent, headers: headers, body: try await self.body(range, logger))
        case .unsatisfiable:
            return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(self.size)"])
        }
    }

    private var headers: HTTPFields {
        [
            .contentType: FileContentType.guess(from: self.name),
            .contentDisposition: ContentDisposition.attachment(self.name),
            .xContentTypeOptions: "nosniff",
            .acceptRanges: "bytes",
            .eTag: self.tag,
        ]
    }

    private func body(_ range: Range<Int64>, _ logger: Logger) async throws(MartletError) -> ResponseBody {
        let bytes = try await self.open(range)
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
