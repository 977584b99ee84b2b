import HTTPTypes
import Hummingbird
import MartletCore
import MartletDeployments
import MartletHTTP
import MartletJSON
import NIOCore
import NIOHTTP1

/// What callers are told when no version has answered: `application/problem+json` (RFC 9457).
enum GatewayError {
    static func response(_ error: MartletError) -> Response { self.answer(error).response }

    static func answer(_ error: MartletError) -> ShortAnswer {
        let status = HTTPResponse.Status(error.code)
        return self.answer(
            HTTPResponseStatus(statusCode: status.code, reasonPhrase: status.reasonPhrase),
            error.code.problemCode,
            error.message,
            headers: [:]
        )
    }

    /// The answer in the place of a backend's.
    static func answer(_ failure: Decision.Failure, _ arm: Arm, headers: HTTPHeaders) -> ShortAnswer {
        self.answer(self.status(failure), failure.rawValue, self.detail(failure, arm), headers: headers)
    }

    static func status(_ failure: Decision.Failure) -> HTTPResponseStatus {
        switch failure {
        case .unreachable, .broken: .badGateway
        case .timeout: .gatewayTimeout
        case .ejected: .serviceUnavailable
        case .abandoned: .clientClosedRequest
        }
    }

    private static func detail(_ failure: Decision.Failure, _ arm: Arm) -> String {
        switch failure {
        case .unreachable: "The backend of '\(arm.name)' cannot be reached."
        case .timeout: "The backend of '\(arm.name)' did not answer in time."
        case .broken: "The backend of '\(arm.name)' broke off its answer."
        case .ejected: "The backend of '\(arm.name)' has failed too often; it is tried again soon."
        case .abandoned: "The request was given up."
        }
    }

    private static func answer(
        _ status: HTTPResponseStatus,
        _ code: String,
        _ detail: String,
        headers: HTTPHeaders
    ) -> ShortAnswer {
        let problem = CanonicalJSON.object([
            .init("code", .string(code)), .init("detail", .string(detail)),
            .init("status", CanonicalJSON(Int64(status.code))), .init("title", .string(status.reasonPhrase)),
        ])
        var headers = headers
        headers.add(name: "Content-Type", value: "application/problem+json")
        return ShortAnswer(status, headers, ByteBuffer(bytes: problem.bytes))
    }
}

extension HTTPResponseStatus {
    /// What is written down where nobody was left to be answered; other proxies use that number as well.
    fileprivate static let clientClosedRequest = HTTPResponseStatus(
        statusCode: 499,
        reasonPhrase: "Client Closed Request"
    )
}
