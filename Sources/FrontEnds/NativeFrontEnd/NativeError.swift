import HTTPTypes
import Hummingbird
import MartletCore
import MartletHTTP
import MartletWire

/// Our errors in the API's words: `application/problem+json` (RFC 9457).
enum NativeError {
    static func response(_ error: MartletError) -> Response {
        self.response(error, gates: nil)
    }

    /// - Parameter gates: What a refused transition met.
    static func response(_ error: MartletError, gates: GateReport?) -> Response {
        let status = self.status(error.code)
        let problem = Problem(
            status: status.code,
            code: error.code.problemCode,
            title: status.reasonPhrase,
            detail: error.message,
            gates: gates
        )
        let answer = try? Response.json(problem, status: status, type: "application/problem+json")
        // A problem is texts and a number, which can always be written.
        return answer ?? Response(status: status)
    }

    /// 507 tells a full disk from a server that is away for a while.
    private static func status(_ code: MartletError.Code) -> HTTPResponse.Status {
        guard code == .storageFull else { return HTTPResponse.Status(code) }
        return HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
    }
}
