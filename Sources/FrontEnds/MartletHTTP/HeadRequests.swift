import HTTPTypes
package import Hummingbird

/// Answers HEAD as GET is answered, without the body, whatever the route says (RFC 9110, section 9.3.2).
///
/// A body after the head of such an answer would be read as the beginning of the next one.
package struct HeadRequests: RouterMiddleware {
    package typealias Context = MartletRequestContext

    package init() {}

    package func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard request.method == .head else { return response }
        let length = response.headers[.contentLength]
        response.body = .init()
        response.headers[.contentLength] = length
        return response
    }
}
