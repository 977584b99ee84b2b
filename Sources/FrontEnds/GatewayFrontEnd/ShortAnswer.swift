import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// An answer that is there as a whole.
struct ShortAnswer: Sendable {
    let head: HTTPResponseHead
    let body: ByteBuffer

    /// - Parameter headers: Without `Content-Length`, unless the answer's real one is another: a HEAD's.
    init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: ByteBuffer) {
        var headers = headers
        if !headers.contains(name: "content-length") {
            headers.add(name: "Content-Length", value: String(body.readableBytes))
        }
        self.head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        self.body = body
    }

    var response: Response { Response(self.head, .init(byteBuffer: self.body)) }
}

extension Response {
    init(_ head: HTTPResponseHead, _ body: ResponseBody) {
        self.init(
            status: .init(code: Int(head.status.code), reasonPhrase: head.status.reasonPhrase),
            headers: HTTPFields(head.headers, splitCookie: false),
            body: body
        )
    }
}
