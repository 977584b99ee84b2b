package import HTTPTypes
package import Hummingbird
import MartletCore
package import MartletHTTP
package import MartletTracking

/// MLflow's REST API, as the Python client and MLflow's web page speak it.
package struct MLflowFrontEnd: FrontEnd {
    package static let name = "mlflow"

    /// The domain that the routes speak for.
    package struct Services: Sendable {
        let experiments: ExperimentService
        let runs: RunService
        let runSearch: RunSearchService
        let logging: LoggingService
        let histories: MetricHistoryService
        let inputs: InputService

        package init(
            experiments: ExperimentService,
            runs: RunService,
            runSearch: RunSearchService,
            logging: LoggingService,
            histories: MetricHistoryService,
            inputs: InputService
        ) {
            self.experiments = experiments
            self.runs = runs
            self.runSearch = runSearch
            self.logging = logging
            self.histories = histories
            self.inputs = inputs
        }
    }

    /// Where the artifacts of experiments go unless their creators say otherwise.
    package static let artifactRoot = ArtifactLocation.root

    private let services: Services
    private let bodyBytesMax: Int

    /// - Parameter bodyBytesMax: How long a JSON request may be.
    package init(services: Services, bodyBytesMax: Int) {
        self.services = services
        self.bodyBytesMax = bodyBytesMax
    }

    package func addRoutes(to router: Router<MartletRequestContext>) {
        let routes = MLflowRoutes(bodyBytesMax: self.bodyBytesMax)
        ExperimentRoutes(experiments: self.services.experiments, inputs: self.services.inputs).register(on: routes)
        RunRoutes(runs: self.services.runs, search: self.services.runSearch).register(on: routes)
        LoggingRoutes(logging: self.services.logging, inputs: self.services.inputs).register(on: routes)
        LogModelRoutes(runs: self.services.runs).register(on: routes)
        MetricHistoryRoutes(histories: self.services.histories).register(on: routes)
        ServerInfoRoutes().register(on: routes)
        for prefix in MLflowRoutes.prefixes {
            router.group(RouterPath(prefix))
                .add(middleware: ErrorTranslation(MLflowError.response))
                .addRoutes(routes.routes.collection)
        }
    }

    /// The answer to a request for something that nobody serves.
    package static func endpointNotFound(_ method: HTTPRequest.Method, _ path: String) -> Response {
        MLflowError.endpointNotFound(method, path)
    }
}
