package import HTTPTypes
package import Hummingbird
package import MartletCore

/// Routes that cannot be registered without saying who may call them.
package struct ProtectedRoutes {
    package let collection = RouteCollection(context: MartletRequestContext.self)

    package init() {}

    @discardableResult
    package func on(
        _ method: HTTPRequest.Method,
        _ path: RouterPath,
        needs permission: Permission,
        use handler: @Sendable @escaping (Request, MartletRequestContext) async throws -> Response
    ) -> Self {
        self.collection.on(path, method: method) { request, context in
            try context.require(permission)
            return try await handler(request, context)
        }
        return self
    }
}
