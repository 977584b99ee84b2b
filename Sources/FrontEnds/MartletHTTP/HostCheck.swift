package import Hummingbird
package import MartletCore
package import NIOHTTP1

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
    private let refuse: @Sendable (MartletError, Request) -> Response

    /// - Parameter refuse: Says what is wrong with a request in the words of whom it was for.
    package init(_ names: Names, refuse: @escaping @Sendable (MartletError, Request) -> Response) {
        self.names = names
        self.refuse = refuse
    }

    package func handle(
        _ request: Request,
        context: MartletRequestContext,
        next: (Request, MartletRequestContext) async throws -> Response
    ) async throws -> Response {
        let claims = HostClaims(request.head)
        if let refusal = self.refusal(of: claims) { return self.refuse(refusal, request) }
        guard !claims.isForgery else {
            let refusal = MartletError(.permissionDenied, "a web page elsewhere may not change anything here")
            return self.refuse(refusal, request)
        }
        return try await next(request, context)
    }

    /// Whether a request would be let through.
    package func admits(_ request: HTTPRequestHead) -> Bool {
        let claims = HostClaims(request)
        return self.refusal(of: claims) == nil && !claims.isForgery
    }

    private func refusal(of claims: HostClaims) -> MartletError? {
        guard !claims.hasSeveralHosts else { return .invalid("the request has several Host headers") }
        // Programs of old send none, browsers always do.
        guard let authority = claims.authority, !authority.isEmpty else { return nil }
        guard let host = HostName(authority: authority) else {
            return .invalid("'\(authority)' is not the name of a host")
        }
        guard case .only(let names) = self.names, case .name(let name) = host, !names.contains(name) else { return nil }
        return MartletError(
            .permissionDenied,
            "this server is not called '\(authority)'; if it should be, start it with --allowed-hosts"
        )
    }
}
