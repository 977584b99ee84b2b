import MartletCore

/// Where a backend listens, and what its paths begin with.
package struct BackendAddress: Sendable, Hashable {
    package let host: String
    package let port: Int
    package let isEncrypted: Bool
    /// What a request's `Host` says.
    package let authority: String
    /// Without a slash at its end.
    private let root: String

    /// Reads an `http` or `https` URL that has neither credentials, query nor fragment.
    package init?(url: String) {
        let text = Substring(url)
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let path = rest[authority.endIndex...]
        self.isEncrypted = scheme == "https://"
        self.authority = String(authority)
        self.root = String(path.hasSuffix("/") ? path.dropLast() : path)
        guard let place = URLAuthority(authority) else { return nil }
        self.host = place.host
        self.port = place.port ?? (self.isEncrypted ? 443 : 80)
    }

    /// What a request asks for.
    ///
    /// - Parameter path: Below the backend's own, with its query; it may be empty.
    package func target(_ path: String) -> String {
        let target = self.root + path
        return target.utf8.first == UInt8(ascii: "/") ? target : "/" + target
    }
}
