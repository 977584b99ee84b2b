import HTTPTypes
import Hummingbird
import MartletCore

/// Our errors for people and their tools: a status, and a line of text.
enum OperationsError {
    static func response(_ error: MartletError) -> Response {
        .text(error.message, status: self.status(error.code))
    }

    /// No `default`: a new code must be answered in every protocol.
    private static func status(_ code: MartletError.Code) -> HTTPResponse.Status {
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
