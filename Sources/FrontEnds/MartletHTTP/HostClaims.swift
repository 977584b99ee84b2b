import HTTPTypes
import NIOHTTP1

/// What a request says of the server that it is for, and of the page that makes it.
struct HostClaims {
    /// The host, with its port.
    let authority: String?
    /// Somebody in between may have looked at another one than the first.
    let hasSeveralHosts: Bool
    /// Whether a browser says that a page of another server makes this request, which would change something.
    let isForgery: Bool

    init(_ request: HTTPRequest) {
        self.authority = request.authority
        // The first one has become the request's authority.
        self.hasSeveralHosts = request.headerFields.contains(.host)
        self.isForgery =
            request.method != .get && request.method != .head
            && Self.isForgery(
                sites: request.headerFields[values: .secFetchSite],
                origin: request.headerFields[.origin],
                authority: self.authority
            )
    }

    init(_ request: HTTPRequestHead) {
        let hosts = request.headers["host"]
        self.authority = hosts.first
        self.hasSeveralHosts = hosts.count > 1
        self.isForgery =
            request.method != .GET && request.method != .HEAD
            && Self.isForgery(
                sites: request.headers["sec-fetch-site"],
                origin: request.headers.first(name: "origin"),
                authority: self.authority
            )
    }

    /// Programs send neither header.
    private static func isForgery(sites: [String], origin: String?, authority: String?) -> Bool {
        if sites.contains("cross-site") { return true }
        guard let origin else { return false }
        // A page without an origin of its own, such as one in a sandbox, says "null".
        guard let separator = origin.firstRange(of: "://") else { return true }
        return origin[separator.upperBound...].lowercased() != authority?.lowercased()
    }
}

extension HTTPField.Name {
    fileprivate static let host = HTTPField.Name("Host") ?? .origin
    fileprivate static let secFetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
