package import GatewayFrontEnd
package import Hummingbird
import MLflowFrontEnd
package import MartletHTTP
import MartletProxy
import NativeFrontEnd
import OperationsFrontEnd

/// Everything the server serves. Adding a protocol adds one line here.
///
/// - Parameter gateway: What deployments are served through; `nil` to serve none.
package func frontEnds(
    domain: Domain,
    settings: ServerSettings,
    metrics: RequestMetrics,
    gateway: GatewayFrontEnd?,
    isHealthy: @escaping @Sendable () async -> Bool
) -> [any FrontEnd] {
    let others: [any FrontEnd] = [
        OperationsFrontEnd(
            version: MartletVersion.text,
            metrics: metrics,
            logs: domain.logs,
            isHealthy: isHealthy
        ),
        MLflowFrontEnd(services: domain.mlflow, limits: settings.mlflowLimits),
        NativeFrontEnd(services: domain.native, limits: settings.nativeLimits, version: MartletVersion.text),
    ]
    return others + (gateway.map { [$0] } ?? [])
}

func gatewayFrontEnd(domain: Domain, backends: ProxyClient) -> GatewayFrontEnd {
    GatewayFrontEnd(
        routes: domain.routes,
        logs: domain.logs,
        surroundings: domain.surroundings,
        client: backends,
        addresses: domain.backends
    )
}

/// Puts front ends behind one router.
package func buildRouter(
    serving frontEnds: [any FrontEnd],
    settings: ServerSettings,
    metrics: RequestMetrics
) -> Router<MartletRequestContext> {
    let router = Router(context: MartletRequestContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: RequestMetricsMiddleware(metrics))
    router.add(middleware: HeadRequests())
    router.add(middleware: settings.hostCheck)
    router.add(middleware: UnknownEndpoint())
    for frontEnd in frontEnds {
        frontEnd.addRoutes(to: router)
    }
    return router
}

/// Answers what nobody serves in the words of whom it was asked: below no other API's root, nearly everyone is MLflow's
/// client.
private struct UnknownEndpoint: RouterMiddleware {
    typealias Context = MartletRequestContext

    func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            guard NativeFrontEnd.isAsked(by: request.uri.path) else {
                return MLflowFrontEnd.endpointNotFound(request.method, request.uri.path)
            }
            return NativeFrontEnd.endpointNotFound(request.method, request.uri.path)
        }
    }
}

extension ServerSettings {
    fileprivate var mlflowLimits: MLflowLimits {
        MLflowLimits(jsonBodyBytes: self.jsonBodyBytesMax, artifactBytes: self.artifactBytesMax.map(Int64.init))
    }

    fileprivate var nativeLimits: NativeLimits {
        NativeLimits(jsonBodyBytes: self.jsonBodyBytesMax, fileBytes: self.artifactBytesMax.map(Int64.init))
    }

    var hostCheck: HostCheck {
        HostCheck(self.hostNames) { error, request in
            let isNative = NativeFrontEnd.isAsked(by: request.uri.path)
            return isNative ? NativeFrontEnd.response(to: error) : MLflowFrontEnd.response(to: error)
        }
    }

    /// A server on a loopback address is for this machine, and called by its names; any other one has names that
    /// only its operators know.
    fileprivate var hostNames: HostCheck.Names {
        if let allowedHosts {
            guard !allowedHosts.contains("*") else { return .any }
            let names = allowedHosts.map { $0.lowercased() }.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
            return .only(Set(names + ["localhost"]))
        }
        let isLoopback = self.host == "localhost" || self.host == "::1" || self.host.hasPrefix("127.")
        return isLoopback ? .only(["localhost"]) : .any
    }
}
