import AsyncHTTPClient
import Glibc
import MartletCore
import MartletJSON
import MartletWire
import NIOCore
import NIOHTTP1
import NIOPosix

extension MartletClientError {
    /// Says in the library's words what another layer threw.
    init(_ error: any Error) {
        switch error {
        case let error as MartletClientError: self = error
        case is CancellationError: self.init(.cancelled, "cancelled")
        case let error as HTTPClientError: self.init(http: error)
        case let error as MartletError: self.init(core: error)
        case let error as JSONError: self.init(.unexpectedAnswer, "not JSON: \(error.reason)")
        case is DecodingError: self.init(.unexpectedAnswer, "the answer is not what a Martlet server says: \(error)")
        case let error as NIOConnectionError: self.init(.unreachable, Self.reason(error))
        case let error as IOError: self.init(.unreachable, String(cString: strerror(error.errnoCode)))
        default: self.init(.unreachable, "the connection failed: \(error)")
        }
    }

    private init(http error: HTTPClientError) {
        switch error {
        case .cancelled: self.init(.cancelled, "cancelled")
        case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath:
            self.init(.invalidArgument, "the server's URL is wrong: \(error.shortDescription)")
        default: self.init(.unreachable, "the connection failed: \(error.shortDescription)")
        }
    }

    private init(core error: MartletError) {
        let code: Code =
            switch error.code {
            case .invalidArgument: .invalidArgument
            case .notFound: .notFound
            case .integrity: .integrity
            default: .refused
            }
        self.init(code, error.message)
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        guard let first = error.connectionErrors.first else { return "the name '\(error.host)' is not known" }
        return (first.error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(first.error)"
    }

    /// Says why a call to a server has no answer.
    init(_ error: any Error, insteadOfAnswerTo call: ServerCall, from url: String) {
        let cause = MartletClientError(error)
        guard cause.code == .unreachable else {
            self = cause
            return
        }
        let silence = "no answer from \(url): \(cause.message)"
        guard call.isChange, Self.cameAfterSending(error) else {
            self.init(.unreachable, silence)
            return
        }
        self.init(.answerLost, "\(silence). Whether it was done is unknown: look again before you repeat it")
    }

    /// Whether a connection was there, and the server may have got what was sent.
    private static func cameAfterSending(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: [.readTimeout, .writeTimeout, .remoteConnectionClosed].contains(error)
        case let error as IOError: [ECONNRESET, EPIPE, ETIMEDOUT].contains(error.errnoCode)
        default: error is HTTPParserError
        }
    }

    /// Says that another place was named instead of an answer.
    init(redirection status: Int, to place: String) {
        let advice = "if a Martlet server is there, give its URL with --server"
        self.init(.unexpectedAnswer, "the server redirects to \(place): \(advice)", status: status)
    }

    /// What a server's refusal means.
    init(status: Int, problem: Problem?) {
        let detail = problem.map { $0.detail.isEmpty ? $0.title : $0.detail }
        self.init(
            Self.code(status: status, problem: problem?.code),
            detail ?? "the server answered with status \(status)",
            status: status,
            problem: problem?.code,
            gates: problem?.gates
        )
    }

    private static func code(status: Int, problem: String?) -> Code {
        switch (status, problem) {
        case (_, "gate_closed"): .gateClosed
        case (_, "already_exists"): .alreadyExists
        case (_, "integrity"): .integrity
        // A Martlet server always says what it did not find.
        case (404, nil): .unexpectedAnswer
        case (400, _), (422, _): .invalidArgument
        case (404, _), (410, _): .notFound
        case (409, _): .conflict
        case (412, _): .lostRace
        case (500..., _): .serverFailure
        default: .refused
        }
    }
}

/// Runs `body`, and says in the library's words what it throws.
func translatingErrors<Value>(_ body: () async throws -> Value) async throws(MartletClientError) -> Value {
    do {
        return try await body()
    } catch {
        throw MartletClientError(error)
    }
}
