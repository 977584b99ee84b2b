import HTTPTypes
package import Hummingbird
package import MartletCore
package import MartletDeployments
package import MartletHTTP
package import MartletProxy
package import NIOCore
package import NIOHTTP1

/// What deployments answer: requests are handed to one of their versions, and each is recorded.
package struct GatewayFrontEnd: FrontEnd {
    package static let name = "gateway"

    /// What all its paths begin with.
    package static let root = "/serve"

    private let gateway: Gateway

    package init(
        routes: RouteTable,
        logs: GatewayLogs,
        surroundings: Surroundings,
        client: ProxyClient,
        addresses: BackendAddresses
    ) {
        self.gateway = Gateway(
            routes: routes,
            logs: logs,
            surroundings: surroundings,
            client: client,
            addresses: addresses
        )
    }

    /// Has plain requests answered by the connection itself; to be called on its event loop, when Hummingbird has set
    /// it up.
    ///
    /// - Parameter admits: Says of a request whether it would pass the middleware.
    package func prepare(
        _ channel: any Channel,
        metrics: RequestMetrics,
        admits: @escaping @Sendable (HTTPRequestHead) -> Bool
    ) throws {
        let handler = GatewayHandler(self.gateway, metrics: metrics, admits: admits)
        try channel.pipeline.syncOperations.addBeforeHummingbird([handler])
    }

    package func addRoutes(to router: Router<MartletRequestContext>) {
        let routes = ProtectedRoutes()
        let gateway = self.gateway
        for method in [HTTPRequest.Method.get, .head, .post, .put, .patch, .delete, .options] {
            for path in [":deployment", ":deployment/**"] {
                routes.on(method, RouterPath(path), needs: .serve) { request, context in
                    try await gateway.answer(request, context)
                }
            }
        }
        router.group(RouterPath(Self.root))
            .add(middleware: ErrorTranslation(GatewayError.response))
            .addRoutes(routes.collection)
    }
}
