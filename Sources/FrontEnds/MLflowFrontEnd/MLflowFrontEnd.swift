package import HTTPTypes
package import Hummingbird
package import MartletCore
package import MartletHTTP

/// MLflow's REST API, as the Python client and MLflow's web page speak it.
package struct MLflowFrontEnd: FrontEnd {
    package static let name = "mlflow"

    /// Where the artifacts of experiments go unless their creators say otherwise.
    package static let artifactRoot = ArtifactLocation.root

    private let services: MLflowServices
    private let limits: MLflowLimits

    package init(services: MLflowServices, limits: MLflowLimits) {
        self.services = services
        self.limits = limits
    }

    package func addRoutes(to router: Router<MartletRequestContext>) {
        let routes = MLflowRoutes(bodyBytesMax: self.limits.jsonBodyBytes)
        self.registerTracking(on: routes)
        self.registerRegistry(on: routes)
        let owned = OwnedArtifactRoutes(artifacts: self.services.artifacts, directory: self.services.directory)
        owned.register(on: routes)
        ServerInfoRoutes().register(on: routes)
        self.mount(routes.routes, on: router, below: MLflowRoutes.prefixes)

        let artifacts = ProtectedRoutes()
        ArtifactRoutes(artifacts: self.services.artifacts, sizeMax: self.limits.artifactBytes).register(on: artifacts)
        MultipartUploadRoutes(
            uploads: self.services.uploads,
            partSizeMax: self.limits.artifactBytes,
            bodyBytesMax: self.limits.jsonBodyBytes
        ).register(on: artifacts)
        self.mount(artifacts, on: router, below: ArtifactRoutes.prefixes)

        let root = ProtectedRoutes()
        owned.register(onRoot: root)
        self.mount(root, on: router, below: [""])
    }

    /// An error as MLflow's clients read it.
    package static func response(to error: MartletError) -> Response {
        MLflowError.response(error)
    }

    /// The answer to a request for something that nobody serves.
    package static func endpointNotFound(_ method: HTTPRequest.Method, _ path: String) -> Response {
        MLflowError.endpointNotFound(method, path)
    }

    private func registerTracking(on routes: MLflowRoutes) {
        ExperimentRoutes(experiments: self.services.experiments, inputs: self.services.inputs).register(on: routes)
        RunRoutes(runs: self.services.runs, search: self.services.runSearch).register(on: routes)
        LoggingRoutes(logging: self.services.logging, inputs: self.services.inputs).register(on: routes)
        LogModelRoutes(runs: self.services.runs).register(on: routes)
        MetricHistoryRoutes(histories: self.services.histories).register(on: routes)
        LoggedModelRoutes(models: self.services.loggedModels).register(on: routes)
    }

    private func registerRegistry(on routes: MLflowRoutes) {
        let (models, versions) = (self.services.registeredModels, self.services.versions)
        RegisteredModelRoutes(models: models, versions: versions).register(on: routes)
        ModelVersionRoutes(versions: versions, stages: self.services.stages, removals: self.services.removals)
            .register(on: routes)
        ModelAliasRoutes(models: models, versions: versions).register(on: routes)
        WebhookRoutes(webhooks: self.services.webhooks).register(on: routes)
    }

    private func mount(_ routes: ProtectedRoutes, on router: Router<MartletRequestContext>, below prefixes: [String]) {
        for prefix in prefixes {
            router.group(RouterPath(prefix))
                .add(middleware: ErrorTranslation(MLflowError.response))
                .addRoutes(routes.collection)
        }
    }
}

/// How much a client may send at once.
package struct MLflowLimits: Sendable {
    /// The longest JSON request.
    package var jsonBodyBytes: Int
    /// The longest artifact; `nil` for as long as fits.
    package var artifactBytes: Int64?

    package init(jsonBodyBytes: Int, artifactBytes: Int64?) {
        self.jsonBodyBytes = jsonBodyBytes
        self.artifactBytes = artifactBytes
    }
}
