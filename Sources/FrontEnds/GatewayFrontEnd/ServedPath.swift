import MartletCore

/// What a request below a deployment asks its backend for: the path with its query, as it was sent.
enum ServedPath {
    /// - Parameter target: As it came, from ``GatewayFrontEnd/root`` on.
    /// - Throws: `invalidArgument` for a path that goes up, and so perhaps to what the backend's URL does not give;
    ///   `notFound` for one that is spelt otherwise than the root, which routers may overlook.
    static func below(_ target: String) throws(MartletError) -> String {
        let rest = target.utf8.dropFirst(GatewayFrontEnd.root.utf8.count + 1)
        guard target.utf8.starts(with: "\(GatewayFrontEnd.root)/".utf8), rest.first != UInt8(ascii: "/") else {
            throw MartletError(.notFound, "Deployments are served at \(GatewayFrontEnd.root)/NAME.")
        }
        let path = rest.drop { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard !self.climbs(path) else { throw .invalid("The path leads out of the deployment.") }
        return String(Substring(path))
    }

    private static func climbs(_ path: Substring.UTF8View) -> Bool {
        let path = path.prefix { $0 != UInt8(ascii: "?") }
        // Most have no dot of either spelling.
        guard path.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "%") }) else { return false }
        // Some servers decode before they split, some take \ for /, and some leave out what follows a semicolon.
        let parts = PercentEncoding.decode(path).split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        return parts.contains { $0.prefix { $0 != UInt8(ascii: ";") }.elementsEqual("..".utf8) }
    }
}
