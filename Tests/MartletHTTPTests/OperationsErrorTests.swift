import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MartletHTTP
import NIOCore
import OperationsFrontEnd
import Testing

@Suite("Errors of the routes for operators")
struct OperationsErrorTests {
    @Test("what is not granted is refused in words, not with an empty 500")
    func refusal() async throws {
        let router = Router(context: MartletRequestContext.self)
        router.add(middleware: NothingGranted())
        OperationsFrontEnd(version: "1.2.3", metrics: RequestMetrics()) { true }.addRoutes(to: router)
        try await Application(router: router).test(.router) { client in
            for path in ["/", "/health", "/metrics"] {
                try await client.execute(uri: path, method: .get) { response in
                    #expect(response.status == .forbidden)
                    #expect(String(buffer: response.body).contains("is not granted"))
                    #expect(response.headers[.contentType]?.hasPrefix("text/plain") == true)
                }
            }
        }
    }
}

private struct NothingGranted: RouterMiddleware {
    func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.granted = []
        return try await next(request, context)
    }
}
