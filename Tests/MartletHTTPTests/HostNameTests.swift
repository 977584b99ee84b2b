import MartletHTTP
import Testing

@Suite("What a Host header says")
struct HostNameTests {
    @Test(
        "names lose their port, their case and a last dot",
        arguments: [
            ("localhost", "localhost"), ("LocalHost:5000", "localhost"), ("localhost.", "localhost"),
            ("localhost.:5000", "localhost"), ("models.example:", "models.example"), ("a_b-c.d", "a_b-c.d"),
        ]
    )
    func names(authority: String, name: String) {
        #expect(HostName(authority: authority) == .name(name))
    }

    @Test(
        "addresses are told from names",
        arguments: [
            "127.0.0.1", "127.0.0.1:5000", "10.0.0.7.", "[::1]", "[::1]:5000", "[::ffff:10.0.0.7]:80", "2130706433",
        ]
    )
    func addresses(authority: String) {
        #expect(HostName(authority: authority) == .address)
    }

    @Test(
        "what is neither is refused",
        arguments: [
            "", ":80", ".", "[", "[]", "[evil", "[evil]", "[::1]evil", "[::1]:x", "[::1", "::1", "a@b",
            "localhost:x@evil",
            "127.0.0.1:80@evil", "localhost:80:90", "local host", "localhost, evil", "localhost/evil", "a..b", "a\u{0}",
            "ä", "localhost..",
        ]
    )
    func malformed(authority: String) {
        #expect(HostName(authority: authority) == nil)
    }
}
