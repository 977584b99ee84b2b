package import HTTPTypes
package import Hummingbird
package import MartletCore
package import MartletHTTP

/// Martlet's own API: what no other protocol can say.
package struct NativeFrontEnd: FrontEnd {
    package static let name = "native"

    /// What all its paths begin with.
    package static let root = "/api/martlet/v1"

    private let services: NativeServices
    private let limits: NativeLimits
    private let version: String

    package init(services: NativeServices, limits: NativeLimits, version: String) {
        self.services = services
        self.limits = limits
        self.version = version
    }

    package func addRoutes(to router: Router<MartletRequestContext>) {
        let operations = self.operations
        let routes = ProtectedRoutes()
        for operation in operations { self.add(operation, to: routes) }
        let document = OpenAPIDocument(operations: operations, version: self.version, root: Self.root).json
        routes.on(.get, "openapi.json", needs: .readRegistry) { _, _ in Response(json: document) }
        router.group(RouterPath(Self.root))
            .add(middleware: ErrorTranslation(NativeError.response))
            .addRoutes(routes.collection)
    }

    /// Whether a request is for this API, though perhaps for another version of it.
    package static func isAsked(by path: String) -> Bool { path.hasPrefix("/api/martlet/") }

    /// The answer to a request that cannot be served because of `error`.
    package static func response(to error: MartletError) -> Response { NativeError.response(error) }

    /// The answer to a request below the root for something that nobody serves.
    package static func endpointNotFound(_ method: HTTPRequest.Method, _ path: String) -> Response {
        let detail = "There is no '\(method.rawValue) \(path)'; '\(Self.root)/openapi.json' says what there is."
        return self.response(to: MartletError(.notFound, detail))
    }

    /// Everything that the API can do, in the order of the document.
    private var operations: [Operation] {
        ModelOperations(services: self.services).all
            + VersionOperations(services: self.services).all
            + FileOperations(services: self.services, sizeMax: self.limits.fileBytes).all
            + StageOperations(services: self.services).all
            + DeploymentOperations(services: self.services).all
            + BackendOperations(services: self.services).all
            + DecisionOperations(services: self.services).all
            + WatchingOperations(services: self.services).all
            + ExperimentOperations(services: self.services).all
            + RolloutOperations(services: self.services).all
            + HistoryOperations(services: self.services).all
            + ComparisonOperations(services: self.services).all
            + LedgerOperations(services: self.services).all
            + WebhookOperations(services: self.services).all
            + DeliveryOperations(services: self.services).all
    }

    private func add(_ operation: Operation, to routes: ProtectedRoutes) {
        let bodyBytesMax = self.limits.jsonBodyBytes
        routes.on(operation.method, operation.routerPath, needs: operation.permission) { request, context in
            let request = try NativeRequest(request, context, bodyBytesMax: bodyBytesMax)
            try await request.checkThatAllIsRead(by: operation)
            return try await operation.run(request)
        }
    }
}

/// How much a client may send at once.
package struct NativeLimits: Sendable {
    /// The longest JSON request.
    package var jsonBodyBytes: Int
    /// The longest file; `nil` for as long as fits.
    package var fileBytes: Int64?

    package init(jsonBodyBytes: Int, fileBytes: Int64?) {
        self.jsonBodyBytes = jsonBodyBytes
        self.fileBytes = fileBytes
    }
}
