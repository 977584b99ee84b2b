import MartletBackends
package import NIOCore
package import NIOHTTP1

/// A request as it is passed on, to however many backends.
package struct ProxiedRequest: Sendable {
    /// What comes after the head.
    package enum Body: Sendable {
        case whole(ByteBuffer)
        /// As it comes: `start` is called once when a connection has taken the head, and must see to it that all is
        /// written to the upload that it is given, at whatever pace.
        case streamed(length: Int?, start: @Sendable (Upload) -> Void)
    }

    let method: HTTPMethod
    let path: String
    let headers: HTTPHeaders
    let body: Body

    /// - Parameters:
    ///   - path: Below the backend's own, with its query.
    ///   - headers: Without those that are about one connection, the host and the length.
    package init(method: HTTPMethod, path: String, headers: HTTPHeaders, body: Body) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
    }

    /// Whether sending it twice does no more than sending it once, and whoever waits expects no less.
    var isSafe: Bool {
        !self.isStreamed && (self.method == .GET || self.method == .HEAD || self.method == .OPTIONS)
    }

    var isStreamed: Bool { if case .streamed = self.body { true } else { false } }

    /// What is kept of its body.
    package var bodyBytes: Int { if case .whole(let body) = self.body { body.readableBytes } else { 0 } }

    /// How it begins on the wire.
    func head(to address: BackendAddress) -> HTTPRequestHead {
        var headers = self.headers
        headers.add(name: "host", value: address.authority)
        switch self.body {
        case .whole(let body):
            if body.readableBytes > 0 || self.method == .POST || self.method == .PUT || self.method == .PATCH {
                headers.add(name: "content-length", value: String(body.readableBytes))
            }
        case .streamed(let length?, _): headers.add(name: "content-length", value: String(length))
        case .streamed(nil, _): headers.add(name: "transfer-encoding", value: "chunked")
        }
        return HTTPRequestHead(
            version: .http1_1,
            method: self.method,
            uri: address.target(self.path),
            headers: headers
        )
    }
}
