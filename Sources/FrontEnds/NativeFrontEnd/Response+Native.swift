import FoundationEssentials
import HTTPTypes
import Hummingbird
import MartletCore
import NIOCore

extension Response {
    static func json(
        _ message: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:],
        type: String = "application/json"
    ) throws(MartletError) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity",
            negativeInfinity: "-Infinity",
            nan: "NaN"
        )
        do {
            return .bytes(ByteBuffer(bytes: try encoder.encode(message)), type: type, status: status, headers: headers)
        } catch {
            throw MartletError(.internal, "the answer could not be written", cause: error)
        }
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
        .bytes(ByteBuffer(string: text), type: type)
    }

    static func bytes(
        _ body: ByteBuffer,
        type: String,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.contentLength] = String(body.readableBytes)
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }

    static let noContent = Response(status: .noContent)
}
