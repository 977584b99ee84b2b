extension IPAddress {
    /// Whether anybody's packets reach it through the public Internet, and no machine or network of one's own does.
    ///
    /// After IANA's registries of special-purpose addresses (RFC 6890 and what has been added since). An address of
    /// version 6 that stands for one of version 4 is what that one is.
    package var isPublic: Bool {
        if let embedded = self.embeddedVersion4 { return embedded.isPublic }
        if self.isVersion6 {
            return Self.globalUnicast.contains(self) && !Self.special6.contains { $0.contains(self) }
        }
        return !Self.special4.contains { $0.contains(self) }
    }

    /// The address that a translator or a tunnel makes of this one: mapped, NAT64 or 6to4.
    package var embeddedVersion4: IPAddress? {
        guard self.isVersion6 else { return nil }
        if Self.mapped.contains(self) || Self.nat64.contains(self) { return IPAddress(bytes: Array(self.bytes[12...])) }
        if Self.sixToFour.contains(self) { return IPAddress(bytes: Array(self.bytes[2..<6])) }
        return nil
    }

    private static let mapped = IPNetwork(trusted: "::ffff:0:0/96")
    private static let nat64 = IPNetwork(trusted: "64:ff9b::/96")
    private static let sixToFour = IPNetwork(trusted: "2002::/16")
    private static let globalUnicast = IPNetwork(trusted: "2000::/3")

    private static let special4 = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        // Multicast, reserved and broadcast.
        "224.0.0.0/3",
    ].map(IPNetwork.init(trusted:))

    /// What of ``globalUnicast`` is not: assignments of the IETF (Teredo is one), and documentation.
    private static let special6 = ["2001::/23", "2001:db8::/32", "3fff::/20"].map(IPNetwork.init(trusted:))
}

extension IPNetwork {
    fileprivate init(trusted text: String) {
        guard let network = IPNetwork(text) else { preconditionFailure("'\(text)' is not a network") }
        self = network
    }
}
