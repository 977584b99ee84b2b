import Glibc

/// An address of the Internet Protocol, of either version.
package struct IPAddress: Sendable, Hashable {
    /// 4 of them or 16, in network order.
    package let bytes: [UInt8]

    /// - Returns: `nil` for another number of bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Reads an address in its usual spelling: four decimal numbers, or what RFC 4291 says, without a zone.
    ///
    /// - Returns: `nil` for anything else, also for `127.1` and `0177.0.0.1`, which are not read alike everywhere.
    package init?(_ text: String) {
        let isVersion6 = text.utf8.contains(UInt8(ascii: ":"))
        var bytes = [UInt8](repeating: 0, count: isVersion6 ? 16 : 4)
        guard inet_pton(isVersion6 ? AF_INET6 : AF_INET, text, &bytes) == 1 else { return nil }
        self.bytes = bytes
    }

    package var isVersion6: Bool { self.bytes.count == 16 }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = self.isVersion6 ? AF_INET6 : AF_INET
        guard inet_ntop(family, self.bytes, &text, socklen_t(text.count)) != nil else { return "\(self.bytes)" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Addresses that begin with the same bits, as in `10.0.0.0/8`.
package struct IPNetwork: Sendable, Hashable {
    private let base: IPAddress
    private let prefixBits: Int

    /// Reads `ADDRESS/BITS`, or one address.
    ///
    /// - Returns: `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let base = IPAddress(String(parts[0])) else { return nil }
        let bitsMax = base.bytes.count * 8
        guard let bits = parts.count == 1 ? bitsMax : Int(parts[1]), (0...bitsMax).contains(bits) else { return nil }
        self.base = base
        self.prefixBits = bits
    }

    package func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == self.base.bytes.count else { return false }
        let (whole, rest) = self.prefixBits.quotientAndRemainder(dividingBy: 8)
        guard address.bytes.prefix(whole).elementsEqual(self.base.bytes.prefix(whole)) else { return false }
        guard rest > 0 else { return true }
        return (address.bytes[whole] ^ self.base.bytes[whole]) >> UInt8(8 - rest) == 0
    }
}
