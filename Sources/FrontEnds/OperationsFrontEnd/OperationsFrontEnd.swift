import HTTPTypes
package import Hummingbird
import MartletCore
package import MartletDeployments
package import MartletHTTP
import NIOCore

/// What operators and their tools ask: is it up, which version, how is it doing.
package struct OperationsFrontEnd: FrontEnd {
    package static let name = "operations"

    private let version: String
    private let metrics: RequestMetrics
    private let logs: GatewayLogs?
    private let isHealthy: @Sendable () async -> Bool

    /// - Parameters:
    ///   - logs: What deployments do; `nil` where there are none.
    ///   - isHealthy: Whether the server can answer questions at this moment.
    package init(
        version: String,
        metrics: RequestMetrics,
        logs: GatewayLogs? = nil,
        isHealthy: @escaping @Sendable () async -> Bool
    ) {
        self.version = version
        self.metrics = metrics
        self.logs = logs
        self.isHealthy = isHealthy
    }

    package func addRoutes(to router: Router<MartletRequestContext>) {
        let page = WelcomePage.html(version: self.version)
        let routes = ProtectedRoutes()
            .on(.get, "", needs: .readOperations) { _, _ in .text(page, type: "text/html; charset=utf-8") }
            .on(.get, "health", needs: .readOperations) { _, _ in .text("OK") }
            .on(.get, "ready", needs: .readOperations) { _, _ in
                await self.isHealthy()
                    ? .text("OK") : .text("the database does not answer", status: .serviceUnavailable)
            }
            .on(.get, "version", needs: .readOperations) { _, _ in .text(self.version) }
            .on(.get, "metrics", needs: .readOperations) { _, _ in
                let traffic = self.logs.map { TrafficMetrics.prometheusText($0.meter.totals) } ?? ""
                let decisions = self.logs.map { GatewayLogMetrics.prometheusText($0) } ?? ""
                let process = ProcessMetrics.prometheusText(version: self.version)
                return .text(self.metrics.prometheusText + traffic + decisions + process)
            }
        router.group().add(middleware: ErrorTranslation(OperationsError.response)).addRoutes(routes.collection)
    }
}

extension Response {
    static func text(
        _ text: String,
        type: String = "text/plain; charset=utf-8",
        status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status,
            headers: [.contentType: type, .contentLength: String(text.utf8.count)],
            body: .init(byteBuffer: ByteBuffer(string: text))
        )
    }
}
