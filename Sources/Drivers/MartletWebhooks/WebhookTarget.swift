package import MartletCore

/// Where a webhook is delivered: a URL in parts that nobody reads in two ways.
package struct WebhookTarget: Sendable, Hashable {
    package static let charactersMax = 2_000

    package let isEncrypted: Bool
    /// In lower case: a name in ASCII, or an address without brackets.
    package let host: String
    package let port: Int
    /// The path and the query, beginning with a slash.
    package let path: String

    /// - Throws: `invalidArgument`, in the words of MLflow 3.17 where it has some.
    package init(validating text: String) throws(MartletError) {
        guard !text.allSatisfy(\.isWhitespace) else {
            throw .invalid("Webhook URL cannot be empty or just whitespace: '\(text)'")
        }
        guard text.utf8.count <= Self.charactersMax else {
            throw .invalid("A webhook URL has at most \(Self.charactersMax) characters.")
        }
        // A backslash is a slash to some readers of URLs and not to others.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw .invalidURL(text, "write other characters than ASCII's, and blanks, percent-encoded")
        }
        let scheme = text.contains(":") ? String(text.prefix { $0 != ":" }).lowercased() : ""
        guard scheme == "https" || scheme == "http" else { throw .webhookScheme(scheme) }
        let rest = text.dropFirst(scheme.count + 1)
        let authority = rest.hasPrefix("//") ? rest.dropFirst(2).prefix { !"/?#".contains($0) } : ""
        guard !authority.contains("@") else { throw .invalidURL(text, "it must not hold credentials") }
        self.isEncrypted = scheme == "https"
        guard let first = authority.first, first != ":" else {
            throw .invalid("Webhook URL must include a hostname: '\(text)'")
        }
        guard let place = URLAuthority(authority) else { throw .invalidURL(text, "it has no valid host or port") }
        guard first == "[" ? IPAddress(place.host)?.isVersion6 == true : Self.isName(place.host) else {
            throw .invalidURL(text, "it has no valid host")
        }
        self.host = place.host.lowercased()
        self.port = place.port ?? (self.isEncrypted ? 443 : 80)
        let path = rest.dropFirst(authority.count + 2).prefix { $0 != "#" }
        self.path = path.hasPrefix("/") ? String(path) : "/\(path)"
    }

    /// Who is called, without what they are told: scheme and host, and the port unless it is the usual one.
    package var origin: String {
        "\(self.isEncrypted ? "https" : "http")://\(self.authority)"
    }

    /// The host, and the port unless it is the usual one.
    package var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        let isUsual = self.port == (self.isEncrypted ? 443 : 80)
        return isUsual ? host : "\(host):\(self.port)"
    }

    private static func isName(_ host: String) -> Bool {
        host.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension MartletError {
    fileprivate static func invalidURL(_ text: String, _ reason: String) -> MartletError {
        .invalid("Invalid webhook URL '\(text)': \(reason)")
    }

    static func webhookScheme(_ scheme: String) -> MartletError {
        .invalid("Invalid webhook URL scheme: '\(scheme)'. Allowed schemes are: https.")
    }
}
