import HTTPTypes
import Hummingbird
import MartletCore
import MartletHTTP

/// Our errors for people and their tools: a status, and a line of text.
enum OperationsError {
    static func response(_ error: MartletError) -> Response {
        .text(error.message, status: HTTPResponse.Status(error.code))
    }
}
