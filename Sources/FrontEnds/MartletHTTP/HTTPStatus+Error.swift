package import HTTPTypes
package import MartletCore

extension HTTPResponse.Status {
    /// What says the same as one of our errors, for protocols that have no words of their own for it.
    ///
    /// No `default`: a new code must be answered.
    package init(_ code: MartletError.Code) {
        self =
            switch code {
            case .invalidArgument: .badRequest
            case .unauthenticated: .unauthorized
            case .permissionDenied: .forbidden
            case .notFound: .notFound
            case .alreadyExists, .conflict, .gateClosed: .conflict
            case .preconditionFailed: .preconditionFailed
            case .limitExceeded: .contentTooLarge
            case .unsupported: .notImplemented
            case .unavailable, .storageFull: .serviceUnavailable
            case .integrity, .internal: .internalServerError
            }
    }
}

extension MartletError.Code {
    /// What problems (RFC 9457) of ours call it, in the API and in the gateway.
    package var problemCode: String {
        switch self {
        case .invalidArgument: "invalid"
        case .unauthenticated: "unauthenticated"
        case .permissionDenied: "forbidden"
        case .notFound: "not_found"
        case .alreadyExists: "already_exists"
        case .conflict: "conflict"
        case .preconditionFailed: "precondition_failed"
        case .gateClosed: "gate_closed"
        case .limitExceeded: "limit_exceeded"
        case .unsupported: "unsupported"
        case .unavailable: "unavailable"
        case .storageFull: "storage_full"
        case .integrity: "integrity"
        case .internal: "internal"
        }
    }
}
