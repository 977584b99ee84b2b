package import AsyncHTTPClient
import HTTPTypes
package import Hummingbird
package import MartletCore
package import MartletDeployments
package import MartletHTTP

/// What deployments answer: requests are handed to one of their versions, and each is recorded.
package struct GatewayFrontEnd: FrontEnd {
    package static let name = "gateway"

    /// What all its paths begin with.
    package static let root = "/serve"

    private let gateway: Gateway

    package init(
        routes: RouteTable,
        log: DecisionLog,
        meter: TrafficMeter,
        drift: DriftLog,
        surroundings: Surroundings,
        client: HTTPClient,
        addresses: BackendAddresses
    ) {
        self.gateway = Gateway(
            routes: routes,
            log: log,
            meter: meter,
            drift: drift,
            surroundings: surroundings,
            backends: Backends(client: client, addresses: addresses)
        )
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
