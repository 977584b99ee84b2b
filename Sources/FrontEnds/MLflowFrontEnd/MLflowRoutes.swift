import HTTPTypes
import Hummingbird
import MartletCore
import MartletHTTP
import MartletJSON
import NIOCore

/// The JSON routes of MLflow's REST API: fields in, JSON out.
///
/// Every route is served under each prefix that a client or MLflow's web page uses.
struct MLflowRoutes {
    typealias Handler = @Sendable (MLflowFields) async throws(MartletError) -> JSONWriter

    static let prefixes = ["api/2.0/mlflow", "ajax-api/2.0/mlflow", "api/3.0/mlflow", "ajax-api/3.0/mlflow"]

    let routes = ProtectedRoutes()
    let bodyBytesMax: Int

    /// - Parameter path: Below the prefix. Captures such as `:model_id` become fields.
    @discardableResult
    func on(
        _ method: HTTPRequest.Method,
        _ path: String,
        needs permission: Permission,
        use handler: @escaping Handler
    ) -> Self {
        let bodyBytesMax = self.bodyBytesMax
        self.routes.on(method, RouterPath(path), needs: permission) { request, context in
            // The router hands over what stands in the path, which is percent-encoded.
            let captures = context.parameters.map { key, value in
                (name: String(key), value: String(decoding: PercentEncoding.decode(value.utf8), as: UTF8.self))
            }
            var fields = try await request.mlflowFields(captures: captures, bodyBytesMax: bodyBytesMax)
            fields.actor = try request.actor()
            fields.expectedRevision = try request.expectedRevision()
            return Response(json: try await handler(fields))
        }
        return self
    }
}

extension Request {
    /// Whether the body calls itself JSON, whatever parameters follow (RFC 9110, section 8.3.1).
    private var isJSON: Bool {
        guard let field = self.headers[.contentType] else { return false }
        let type = field.utf8.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != UInt8(ascii: " ") }
        return type.elementsEqual("application/json".utf8) { $0 | 0x20 == $1 | 0x20 }
    }

    /// Reads the fields of a request: from the query of a GET, otherwise from a JSON body.
    func mlflowFields(
        captures: [(name: String, value: String)],
        bodyBytesMax: Int
    ) async throws(MartletError) -> MLflowFields {
        if self.method == .get {
            return MLflowFields(.query(try FormQuery.items(self.uri.query ?? "")), captures: captures)
        }
        let body = try await self.wholeBody(bytesMax: bodyBytesMax)
        guard body.readableBytes > 0 || captures.isEmpty else { return MLflowFields(.query([]), captures: captures) }
        guard self.isJSON else {
            throw .invalid("Bad Request. Content-Type must be one of ['application/json'].")
        }
        let document: JSONDocument
        do {
            document = try JSONDocument(
                parsing: Array(body.readableBytesView),
                depthMax: Limits.jsonDepth,
                valuesMax: Limits.jsonValues
            )
        } catch {
            throw .invalid("The request's body is not JSON: \(error.reason) at byte \(error.offset).")
        }
        guard document.root.kind == .object else { throw .invalid("The request's body must be a JSON object.") }
        return MLflowFields(.json(document.root), captures: captures)
    }
}
