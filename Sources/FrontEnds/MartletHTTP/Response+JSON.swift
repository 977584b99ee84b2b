package import HTTPTypes
package import Hummingbird
package import MartletJSON
import NIOCore

extension Response {
    /// An answer whose body is what `json` has written.
    package init(status: HTTPResponse.Status = .ok, json: JSONWriter) {
        let body = ByteBuffer(bytes: json.bytes)
        self.init(
            status: status,
            headers: [.contentType: "application/json", .contentLength: String(body.readableBytes)],
            body: .init(byteBuffer: body)
        )
    }
}
