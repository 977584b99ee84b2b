import HTTPTypes
import Hummingbird
import MartletCore
import MartletWire

/// Our errors in the API's words: `application/problem+json` (RFC 9457).
enum NativeError {
    static func response(_ error: MartletError) -> Response {
        self.response(error, gates: nil)
    }

    /// - Parameter gates: What a refused transition met.
    static func response(_ error: MartletError, gates: GateReport?) -> Response {
        let (status, code) = self.vocabulary(error.code)
        let problem = Problem(
            status: status.code,
            code: code,
            title: status.reasonPhrase,
            detail: error.message,
            gates: gates
        )
        let answer = try? Response.json(problem, status: status, type: "application/problem+json")
        // A problem is texts and a number, which can always be written.
        return answer ?? Response(status: status)
    }

    /// No `default`: a new code must be answered in every protocol.
    private static func vocabulary(_ code: MartletError.Code) -> (HTTPResponse.Status, String) {
        switch code {
        case .invalidArgument: (.badRequest, "invalid")
        case .unauthenticated: (.unauthorized, "unauthenticated")
        case .permissionDenied: (.forbidden, "forbidden")
        case .notFound: (.notFound, "not_found")
        case .alreadyExists: (.conflict, "already_exists")
        case .conflict: (.conflict, "conflict")
        case .preconditionFailed: (.preconditionFailed, "precondition_failed")
        case .gateClosed: (.conflict, "gate_closed")
        case .limitExceeded: (.contentTooLarge, "limit_exceeded")
        case .unsupported: (.notImplemented, "unsupported")
        case .unavailable: (.serviceUnavailable, "unavailable")
        case .storageFull: (HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), "storage_full")
        case .integrity: (.internalServerError, "integrity")
        case .internal: (.internalServerError, "internal")
        }
    }
}
