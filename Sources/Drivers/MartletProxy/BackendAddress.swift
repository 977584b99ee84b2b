/// Where a backend listens, and what its paths begin with.
package struct BackendAddress: Sendable, Hashable {
    package let host: String
    package let port: Int
    package let isEncrypted: Bool
    /// What a request's `Host` says.
    package let authority: String
    /// Without a slash at its end.
    let root: String

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
        guard let (host, port) = Self.split(authority), !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = port ?? (self.isEncrypted ? 443 : 80)
    }

    /// What a request asks for.
    ///
    /// - Parameter path: Below the backend's own, with its query; it may be empty.
    package func target(_ path: String) -> String {
        let target = self.root + path
        return target.utf8.first == UInt8(ascii: "/") ? target : "/" + target
    }

    /// An address of version 6 stands in brackets, since it has colons itself.
    private static func split(_ authority: Substring) -> (Substring, Int?)? {
        let end = authority.first == "[" ? authority.firstIndex(of: "]").map(authority.index(after:)) : nil
        let host = end.map { authority[..<$0] } ?? authority.prefix { $0 != ":" }
        let name = end == nil ? host : host.dropFirst().dropLast()
        let rest = authority[host.endIndex...]
        guard rest.first == ":" else { return rest.isEmpty ? (name, nil) : nil }
        guard rest.count > 1 else { return (name, nil) }
        return UInt16(rest.dropFirst()).map { (name, Int($0)) }
    }
}
