import MartletDeployments
import NIOCore
import NIOHTTP1

/// A request to a deployment that ``GatewayHandler`` answers by itself.
struct PlainRequest {
    let head: HTTPRequestHead
    let route: Route
    /// Below the deployment, with its query.
    let path: String
    var body = ByteBuffer()

    /// Returns `nil` for what is not plain, or not for a deployment that is there.
    init?(_ head: HTTPRequestHead, _ routes: RouteTable) {
        guard head.uri.utf8.starts(with: Self.root.utf8), head.version == .http1_1, Self.isPlain(head.method),
            head.headers["connection"].allSatisfy({ $0.lowercased() == "keep-alive" }),
            !head.headers.contains(name: "expect"),
            let length = head.headers.bodyLength, length <= Gateway.wholeBodyBytes,
            let route = routes.route(to: Self.name(in: head.uri)), length <= route.bodyBytesMax,
            // What is refused is refused elsewhere.
            let path = try? ServedPath.below(head.uri)
        else { return nil }
        self.head = head
        self.route = route
        self.path = path
    }

    private static let root = GatewayFrontEnd.root + "/"

    private static func isPlain(_ method: HTTPMethod) -> Bool {
        switch method {
        case .GET, .POST, .PUT, .PATCH, .DELETE: true
        default: false
        }
    }

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
