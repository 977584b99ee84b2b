import HTTPTypes
package import Hummingbird
package import MartletCore

/// Refuses requests that call this server by a name that is not its own, and changes that another server's page makes.
///
/// A web page somewhere can make its own name resolve to 127.0.0.1 and then have its visitor's browser talk to a
/// server there (DNS rebinding). Addresses cannot be forged that way, so they are always accepted.
package struct HostCheck: RouterMiddleware {
    package typealias Context = MartletRequestContext

    /// The names that a server may be called by.
    package enum Names: Sendable {
        case any
        /// In lowercase.
        case only(Set<String>)
    }

    private let names: Names
    private let refuse: @Sendable (MartletError) -> Response

    package init(_ names: Names, refuse: @escaping @Sendable (MartletError) -> Response) {
        self.names = names
        self.refuse = refuse
    }

    package func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        if case .only(let names) = self.names, let host = request.head.authority, !Self.accepts(host, names) {
            return self.refuse(
                MartletError(
                    .permissionDenied,
                    "this server is not called '\(host)'; if it should be, start it with --allowed-hosts"
                )
            )
        }
        guard !Self.isForgery(request) else {
            return self.refuse(MartletError(.permissionDenied, "a web page elsewhere may not change anything here"))
        }
        return try await next(request, context)
    }

    /// Whether a browser says that a page of another server makes this request, which would change something.
    ///
    /// Programs send neither header.
    private static func isForgery(_ request: Request) -> Bool {
        guard request.method != .get, request.method != .head else { return false }
        if let site = HTTPField.Name("Sec-Fetch-Site").flatMap({ request.headers[$0] }), site == "cross-site" {
            return true
        }
        guard let origin = request.headers[.origin], let separator = origin.firstRange(of: "://") else { return false }
        return origin[separator.upperBound...].lowercased() != request.head.authority?.lowercased()
    }

    /// - Parameter authority: A name or an address, with or without a port.
    private static func accepts(_ authority: String, _ names: Set<String>) -> Bool {
        if authority.hasPrefix("[") { return true }
        let host = authority.prefix { $0 != ":" }
        let isAddress = host.utf8.allSatisfy {
            $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return isAddress || names.contains(host.lowercased())
    }
}
