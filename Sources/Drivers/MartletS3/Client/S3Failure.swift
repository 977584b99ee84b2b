import AsyncHTTPClient
import MartletCore
import NIOCore
import NIOPosix
import NIOSSL

/// Why a request to an object store did not succeed.
struct S3Failure: Error {
    enum Reason {
        /// The store answered, and this is what it says.
        case refused(S3Refusal)
        /// There was no answer, or it broke off.
        case unreachable(any Error)
        /// The answer is none that we understand.
        case unintelligible(String)
        /// Whoever asked is not waiting any more.
        case cancelled
    }

    let reason: Reason

    /// Whether the same request may succeed a moment later.
    var isTransient: Bool {
        switch self.reason {
        case .refused(let refusal): refusal.isTransient
        case .unreachable(let error): !Self.isHandshakeError(error)
        case .unintelligible: true
        case .cancelled: false
        }
    }

    /// Whether credentials that were lent have to be fetched again.
    var asksForNewCredentials: Bool {
        guard case .refused(let refusal) = self.reason else { return false }
        return ["ExpiredToken", "TokenRefreshRequired", "InvalidToken"].contains(refusal.code)
    }

    init(_ reason: Reason) {
        self.reason = reason
    }

    /// Says what the HTTP client threw.
    init(_ error: any Error) {
        switch error {
        case is CancellationError: self.init(.cancelled)
        case let error as HTTPClientError where error == .cancelled: self.init(.cancelled)
        default: self.init(.unreachable(error))
        }
    }

    /// Whether the connection was refused by the checks of TLS, which no repetition changes.
    static func isHandshakeError(_ error: any Error) -> Bool {
        switch error {
        case let error as NIOSSLError:
            if case .handshakeFailed = error { true } else { false }
        case is NIOSSLExtraError: true
        case let error as BoringSSLError: if case .sslError = error { true } else { false }
        default: false
        }
    }
}

/// An answer with which an object store refuses a request.
struct S3Refusal: Sendable {
    let status: Int
    /// As in `NoSuchBucket`; empty when the answer has no body, as all answers to `HEAD`.
    var code = ""
    var message = ""
    /// Where the bucket really is, if the store says so.
    var region: String?
    /// What the store's clock says, as HTTP writes it.
    var date: String?

    private static let transientCodes: Set<String> = [
        "InternalError", "SlowDown", "ServiceUnavailable", "RequestTimeout", "OperationAborted", "ThrottlingException",
        "Throttling", "TooManyRequests", "ConditionalRequestConflict",
    ]

    var isTransient: Bool {
        self.status >= 500 && self.status != 501 && self.status != 507 || self.status == 429 || self.status == 408
            || Self.transientCodes.contains(self.code)
    }
}
