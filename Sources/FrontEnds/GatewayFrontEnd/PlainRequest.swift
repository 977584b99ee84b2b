import HTTPTypes
import MartletDeployments
import NIOCore

/// A request to a deployment that ``GatewayHandler`` answers by itself.
struct PlainRequest {
    let head: HTTPRequest
    let route: Route
    /// Below the deployment, with its query.
    let path: String
    var body = ByteBuffer()

    /// Returns `nil` for what is not plain, or not for a deployment that is there.
    init?(_ head: HTTPRequest, _ routes: RouteTable) {
        guard let target = head.path, target.utf8.starts(with: Self.root.utf8), Self.methods.contains(head.method),
            head.headerFields[values: .connection].allSatisfy({ $0.lowercased() == "keep-alive" }),
            let length = head.headerFields.bodyLength, length <= Gateway.wholeBodyBytes,
            let route = routes.route(to: Self.name(in: target)), length <= route.bodyBytesMax,
            // What is refused is refused elsewhere.
            let path = try? ServedPath.below(target)
        else { return nil }
        self.head = head
        self.route = route
        self.path = path
    }

    private static let root = GatewayFrontEnd.root + "/"
    private static let methods: Set<HTTPRequest.Method> = [.get, .post, .put, .patch, .delete]

    private static func name(in target: String) -> String {
        let name = target.utf8.dropFirst(self.root.utf8.count)
            .prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        return String(Substring(name))
    }

    /// What it is counted by: as the router would.
    var metricsKey: (method: String, route: String) {
        let isWhole = self.path.isEmpty || self.path.utf8.first == UInt8(ascii: "?")
        return (self.head.method.rawValue, isWhole ? "/serve/{deployment}" : "/serve/{deployment}/**")
    }
}
