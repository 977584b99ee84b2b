import HTTPTypes
import Hummingbird
import MartletCore
import MartletHTTP
import MartletJSON

/// Our errors in the words that MLflow clients parse.
enum MLflowError {
    static func response(_ error: MartletError) -> Response {
        let (status, code) = self.vocabulary(error.code)
        return self.response(status, code, error.message)
    }

    /// What MLflow says about a path that it does not serve.
    static func endpointNotFound(_ method: HTTPRequest.Method, _ path: String) -> Response {
        self.response(.notFound, "ENDPOINT_NOT_FOUND", "No endpoint '\(method.rawValue) \(path)' is served here.")
    }

    private static func response(_ status: HTTPResponse.Status, _ code: String, _ message: String) -> Response {
        var json = JSONWriter()
        json.beginObject()
        json.member("error_code", code)
        json.member("message", message)
        json.endObject()
        return Response(status: status, json: json)
    }

    /// No `default`: a new code must be answered in every protocol.
    private static func vocabulary(_ code: MartletError.Code) -> (HTTPResponse.Status, String) {
        switch code {
        case .invalidArgument: (.badRequest, "INVALID_PARAMETER_VALUE")
        case .unauthenticated: (.unauthorized, "UNAUTHENTICATED")
        case .permissionDenied: (.forbidden, "PERMISSION_DENIED")
        case .notFound: (.notFound, "RESOURCE_DOES_NOT_EXIST")
        case .alreadyExists: (.badRequest, "RESOURCE_ALREADY_EXISTS")
        case .conflict, .gateClosed: (.badRequest, "INVALID_STATE")
        case .preconditionFailed: (.conflict, "ABORTED")
        case .limitExceeded: (.contentTooLarge, "REQUEST_LIMIT_EXCEEDED")
        case .unsupported: (.notImplemented, "NOT_IMPLEMENTED")
        case .unavailable: (.serviceUnavailable, "TEMPORARILY_UNAVAILABLE")
        // 507 and not 503: the client retries a 503 for minutes, and a full disk seldom empties itself.
        case .storageFull: (HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), "RESOURCE_EXHAUSTED")
        case .integrity: (.internalServerError, "DATA_LOSS")
        case .internal: (.internalServerError, "INTERNAL_ERROR")
        }
    }
}
