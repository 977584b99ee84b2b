import HTTPTypes
import Hummingbird
import NIOCore

/// An answer that is there as a whole.
struct ShortAnswer: Sendable {
    let head: HTTPResponse
    let body: ByteBuffer

    /// - Parameter headers: Without `Content-Length`, unless the answer's real one is another: a HEAD's.
    init(_ status: HTTPResponse.Status, _ headers: HTTPFields, _ body: ByteBuffer) {
        var headers = headers
        if !headers.contains(.contentLength) { headers[.contentLength] = String(body.readableBytes) }
        self.head = HTTPResponse(status: status, headerFields: headers)
        self.body = body
    }

    var response: Response {
        Response(status: self.head.status, headers: self.head.headerFields, body: .init(byteBuffer: self.body))
    }
}
