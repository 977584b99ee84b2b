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
        if let refusal = self.refusal(of: request.head) { return self.refuse(refusal) }
        guard !Self.isForgery(request.head) else {
            return self.refuse(MartletError(.permissionDenied, "a web page elsewhere may not change anything here"))
        }
        return try await next(request, context)
    }

    /// Whether a request would be let through.
    package func admits(_ request: HTTPRequest) -> Bool {
        self.refusal(of: request) == nil && !Self.isForgery(request)
    }

    private func refusal(of request: HTTPRequest) -> MartletError? {
        // The first one has become the request's authority, and somebody in between may have looked at another.
        guard !request.headerFields.contains(.host) else {
            return .invalid("the request has several Host headers")
        }
        // Programs of old send none, browsers always do.
        guard let authority = request.authority, !authority.isEmpty else { return nil }
        guard let host = HostName(authority: authority) else {
            return .invalid("'\(authority)' is not the name of a host")
        }
        guard case .only(let names) = self.names, case .name(let name) = host, !names.contains(name) else { return nil }
        return MartletError(
            .permissionDenied,
            "this server is not called '\(authority)'; if it should be, start it with --allowed-hosts"
        )
    }

    /// Whether a browser says that a page of another server makes this request, which would change something.
    ///
    /// Programs send neither header.
    private static func isForgery(_ request: HTTPRequest) -> Bool {
        guard request.method != .get, request.method != .head else { return false }
        if request.headerFields[values: .secFetchSite].contains("cross-site") { return true }
        guard let origin = request.headerFields[.origin] else { return false }
        // A page without an origin of its own, such as one in a sandbox, says "null".
        guard let separator = origin.firstRange(of: "://") else { return true }
        return origin[separator.upperBound...].lowercased() != request.authority?.lowercased()
    }
}

extension HTTPField.Name {
    fileprivate static let host = HTTPField.Name("Host") ?? .origin
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
