package import MartletCore

/// Which targets a server may be made to call: public ones over TLS, and what its operators allow besides.
package struct WebhookTargetRules: Sendable {
    private let names: Set<String>
    private let networks: [IPNetwork]

    /// - Parameter allowed: Names of hosts, addresses, and networks as in `10.0.0.0/8`.
    /// - Throws: `invalidArgument` for what is neither.
    package init(allowing allowed: [String]) throws(MartletError) {
        var names: Set<String> = []
        var networks: [IPNetwork] = []
        for text in allowed {
            if let network = IPNetwork(text) {
                networks.append(network)
            } else if let target = try? WebhookTarget(validating: "https://\(text)"), target.host == text.lowercased() {
                names.insert(Self.plain(target.host))
            } else {
                throw .invalid("'\(text)' is neither the name of a host nor an address nor a network")
            }
        }
        self.names = names
        self.networks = networks
    }

    /// Throws unless all addresses of a target may be connected to: a name that means both sorts is a trap.
    package func require(_ target: WebhookTarget, at addresses: [IPAddress]) throws(MartletError) {
        let isNamed = self.names.contains(Self.plain(target.host))
        for address in addresses where !isNamed && !self.allows(address) {
            guard address.isPublic else {
                throw .invalid(
                    "Webhook URL must not resolve to a non-public IP address. '\(target.host)' resolves to \(address)."
                )
            }
            guard target.isEncrypted else { throw .webhookScheme("http") }
        }
    }

    private func allows(_ address: IPAddress) -> Bool {
        let spellings = [address, address.embeddedVersion4].compactMap { $0 }
        return self.networks.contains { network in spellings.contains { network.contains($0) } }
    }

    /// A name without the dot that says that nothing is left out.
    private static func plain(_ host: String) -> String {
        host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}
