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
