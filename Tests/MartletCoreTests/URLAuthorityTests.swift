import MartletCore
import Testing

@Suite("The authority of a URL")
struct URLAuthorityTests {
    @Test(
        "is a host, and perhaps a port",
        arguments: [
            ("one", "one", nil), ("one:", "one", nil), ("one:81", "one", 81), ("127.0.0.1:65535", "127.0.0.1", 65_535),
            ("[::1]", "::1", nil), ("[::1]:9", "::1", 9),
        ] as [(Substring, String, Int?)]
    )
    func places(text: Substring, host: String, port: Int?) throws {
        let authority = try #require(URLAuthority(text))
        #expect(authority.host == host && authority.port == port)
    }

    @Test(
        "names a host, and no port that cannot be",
        arguments: [
            "", ":80", "one:0", "one:65536", "one:-1", "one:+80", "one:http", "one:8 0", "[::1", "[]", "[::1]x", "::1",
        ]
    )
    func refused(text: Substring) {
        #expect(URLAuthority(text) == nil)
    }
}
