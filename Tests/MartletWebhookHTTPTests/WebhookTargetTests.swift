import MartletCore
import MartletWebhooks
import Testing

@Suite("Targets of webhooks")
struct WebhookTargetTests {
    @Test(
        "a URL is read into its parts",
        arguments: [
            ("https://Example.COM", true, "example.com", 443, "/"),
            ("http://example.com:8080/a/b?c=d#e", false, "example.com", 8_080, "/a/b?c=d"),
            ("https://example.com:", true, "example.com", 443, "/"),
            ("HTTPS://example.com?x", true, "example.com", 443, "/?x"),
            ("https://[2001:4860:4860::8888]:8443/", true, "2001:4860:4860::8888", 8_443, "/"),
            ("https://a_b-c.example/%20", true, "a_b-c.example", 443, "/%20"),
        ]
    )
    func parts(text: String, isEncrypted: Bool, host: String, port: Int, path: String) throws {
        let target = try WebhookTarget(validating: text)
        #expect(target.isEncrypted == isEncrypted)
        #expect(target.host == host)
        #expect(target.port == port)
        #expect(target.path == path)
    }

    @Test(
        "what two readers may read in two ways is refused",
        arguments: [
            "", "  ", "example.com", "//example.com", "https:/example.com", "https:example.com", "https://",
            "https://user@example.com", "https://user:secret@example.com/", "https://example.com\\@inside/",
            "https://exa mple.com", "https://example.com/a b", "https://example.com/\n", "https://ex\u{e4}mple.com/",
            "https://:443/", "https://example.com:+80", "https://example.com:0", "https://example.com:65536",
            "https://example.com:-1",
            "https://[::1", "https://[::1]x", "https://[127.0.0.1]/", "https://[fe80::1%25eth0]/", "https://a%2eb/",
            "file:///etc/passwd", "gopher://example.com/", "https://\(String(repeating: "x", count: 2_000))/",
        ]
    )
    func refused(text: String) {
        #expect(throws: MartletError.self) { _ = try WebhookTarget(validating: text) }
    }

    @Test(
        "these addresses are public",
        arguments: [
            "8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111",
            "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
        ]
    )
    func publicAddress(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(
        "these addresses are not",
        arguments: [
            "0.0.0.0", "0.1.2.3", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.254",
            "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.0.1",
            "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::7f00:1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::808:808",
            "100::1", "2001::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::", "3fff::1", "5f00::1",
            "fc00::1", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "4000::1",
        ]
    )
    func privateAddress(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic == false)
    }

    @Test(
        "an address has one spelling",
        arguments: ["127.1", "0177.0.0.1", "2130706433", "0x7f.1", "1.2.3", "::g", ""]
    )
    func spelling(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "a network holds what begins as it does",
        arguments: [
            ("10.0.0.0/8", "10.255.1.2", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.1.2.0/23", "10.1.3.4", true),
            ("10.1.2.0/23", "10.1.4.0", false), ("0.0.0.0/0", "255.1.1.1", true), ("0.0.0.0/0", "::1", false),
            ("fd00::/8", "fd12::1", true), ("fd00::/8", "fe00::1", false), ("127.0.0.1", "127.0.0.1", true),
            ("127.0.0.1", "127.0.0.2", false),
        ]
    )
    func network(text: String, address: String, isInside: Bool) throws {
        #expect(try #require(IPNetwork(text)).contains(try #require(IPAddress(address))) == isInside)
    }

    @Test("what is allowed besides may be called by http, by name, address or network, and nothing else")
    func allowed() throws {
        let rules = try WebhookTargetRules(allowing: ["Jenkins.internal", "10.0.0.0/8", "::1"])
        let inside = try #require(IPAddress("192.168.1.1"))
        let mapped = try #require(IPAddress("::ffff:10.2.3.4"))
        try rules.require(try WebhookTarget(validating: "http://jenkins.internal/"), at: [inside])
        try rules.require(try WebhookTarget(validating: "http://jenkins.internal./"), at: [inside])
        try rules.require(try WebhookTarget(validating: "http://any.example/"), at: [mapped])
        for url in ["http://other.internal/", "https://x.jenkins.internal/"] {
            let target = try WebhookTarget(validating: url)
            #expect(throws: MartletError.self) { try rules.require(target, at: [inside]) }
        }
        let plain = try WebhookTarget(validating: "http://example.com/")
        let outside = try #require(IPAddress("8.8.8.8"))
        #expect(throws: MartletError.self) { try rules.require(plain, at: [outside]) }
    }

    @Test("what can be no target cannot be allowed", arguments: ["10.0.0.0/33", "a/b", "http://x", "a:80", "", "a b"])
    func settings(text: String) {
        #expect(throws: MartletError.self) { _ = try WebhookTargetRules(allowing: [text]) }
    }
}
