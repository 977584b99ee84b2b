import NIOHTTP1

/// The header fields of a message that is passed on: all but those that are about one connection only.
enum ForwardedHeaders {
    /// - Parameter decision: The decision's id, which takes the place of whatever the caller says there.
    static func request(_ headers: HTTPHeaders, _ decision: String) -> HTTPHeaders {
        var kept = self.kept(of: headers, but: self.ofRequest, room: 3)
        kept.add(name: HeaderName.decision, value: decision)
        return kept
    }

    /// Leaves out what every answer of ours says of itself.
    static func answer(_ headers: HTTPHeaders) -> HTTPHeaders {
        self.kept(of: headers, but: self.ofAnswer, room: 5)
    }

    private static let ofRequest: Set = [HeaderName.decision.lowercased()]
    private static let ofAnswer = Set(
        [HeaderName.decision, HeaderName.version, HeaderName.arm].map { $0.lowercased() }
    )

    /// - Parameters:
    ///   - replaced: Names in lowercase, with the first letter of ours.
    ///   - room: How many fields are going to be added.
    private static func kept(of headers: HTTPHeaders, but replaced: Set<String>, room: Int) -> HTTPHeaders {
        let named = self.named(in: headers["connection"])
        var kept = HTTPHeaders()
        kept.reserveCapacity(headers.count + room)
        for (name, value) in headers {
            // By the first letter, since hardly any name has one of these.
            let isLeft: Bool =
                switch (name.utf8.first ?? 0) | 0x20 {
                case _ where !named.isEmpty && named.contains(name.lowercased()): true
                case UInt8(ascii: "c"), UInt8(ascii: "e"), UInt8(ascii: "h"), UInt8(ascii: "k"), UInt8(ascii: "p"),
                    UInt8(ascii: "t"), UInt8(ascii: "u"):
                    self.ofConnection.contains(name.lowercased())
                case UInt8(ascii: "m"): replaced.contains(name.lowercased())
                default: false
                }
            if !isLeft { kept.add(name: name, value: value) }
        }
        return kept
    }

    /// What belongs to the connection that it came on (RFC 9110, section 7.6.1), or is decided anew by a proxy.
    private static let ofConnection: Set = [
        "connection", "content-length", "expect", "host", "keep-alive", "proxy-authenticate", "proxy-authorization",
        "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    /// What `Connection` says is about the connection, in lowercase.
    private static func named(in connection: [String]) -> Set<String> {
        // Nearly always it says no more than that.
        if connection.allSatisfy({ $0 == "keep-alive" || $0 == "close" }) { return [] }
        return Set(connection.flatMap { $0.lowercased().split { $0 == "," || $0 == " " }.map(String.init) })
    }
}

/// What requests and answers say of their decision.
enum HeaderName {
    static let decision = "Martlet-Decision"
    static let version = "Martlet-Version"
    static let arm = "Martlet-Arm"
}
