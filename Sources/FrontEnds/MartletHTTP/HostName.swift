/// By what a client calls a server: the host in a `Host` header (RFC 9110, section 7.2), without its port.
package enum HostName: Equatable {
    /// In lowercase, and without the dot that may end it: `localhost.` is `localhost`.
    case name(String)
    case address

    /// Returns `nil` for what cannot be a host with or without a port; in particular for what has a user in it, which
    /// browsers never send and whose parts different programs tell apart differently.
    package init?(authority: String) {
        let authority = Array(authority.utf8)
        if authority.first == UInt8(ascii: "[") {
            self.init(bracketed: authority.dropFirst())
        } else {
            let host = authority.prefix { $0 != UInt8(ascii: ":") }
            guard Self.isPort(authority[host.endIndex...]) else { return nil }
            self.init(host: host)
        }
    }

    /// - Parameter text: What follows the first bracket.
    private init?(bracketed text: ArraySlice<UInt8>) {
        let address = text.prefix { $0 != UInt8(ascii: "]") }
        guard !address.isEmpty, address.allSatisfy(Self.isPartOfAddress),
            address.endIndex < text.endIndex, Self.isPort(text[(address.endIndex + 1)...])
        else { return nil }
        self = .address
    }

    private init?(host: ArraySlice<UInt8>) {
        let host = host.last == UInt8(ascii: ".") ? host.dropLast() : host
        let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isPartOfName) }) else { return nil }
        let isAddress = labels.allSatisfy { $0.allSatisfy(Self.isDigit) }
        self = isAddress ? .address : .name(String(decoding: host, as: UTF8.self).lowercased())
    }

    /// Whether this is nothing at all, or a colon and digits, of which there may be none.
    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        text.isEmpty || text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(self.isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isPartOfAddress(_ byte: UInt8) -> Bool {
        self.isDigit(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ".")
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        self.isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
