import MartletArtifacts
import MartletCore
import Testing

@Suite("Artifact paths")
struct ArtifactPathTests {
    @Test(
        "what could lead out of a folder is refused, however it is spelt",
        arguments: [
            "", "/", "/etc/passwd", "//host/share", ".", "..", "../a", "a/..", "a/../b", "a/./b", "a/.",
            "%2e%2e/a", "a/%2E%2E/b", "%252e%252e/a", "%25252e%25252e", "a/.%2e", "%2e", "%2Fetc", "a%2f..%2fb",
            "a\\b", "..\\a", "%5C..%5Ca", "a\u{0}b", "a%00b", "a\nb", "a%0Ab", "a\u{7F}", "C:", "C:/x", "c:/x",
            "c%3A/x", "file:/etc/passwd", "file:///etc/passwd", "FILE:x", String(repeating: "a", count: 4_097),
            "%25%32%35%32%35%32%35%32%35%32%35%32%35%32%35%32%35%32%35%32e/a",
        ]
    )
    func refused(text: String) {
        do throws(MartletError) {
            let path = try ArtifactPath(validating: text)
            Issue.record("'\(text)' was accepted as '\(path)'")
        } catch {
            #expect(error.code == .invalidArgument && error.message == "Invalid path")
        }
    }

    @Test(
        "everything else is kept as it is",
        arguments: [
            "a", "1/0f/artifacts/model/MLmodel", "a b", "100%", "50%25", "a%zz", "a+b", "h#.txt", "what?", "äöü/日本語/😀",
            "...", "..a", "a..", ".hidden", "c:x", "ab:/x", "a:b", "~", "a*b?c|d", "'\"<>&;",
            String(repeating: "a", count: 4_096),
        ]
    )
    func accepted(text: String) throws {
        #expect(try ArtifactPath(validating: text).text == text)
    }

    @Test("doubled and trailing slashes mean nothing", arguments: [("a//b", "a/b"), ("a/b/", "a/b"), ("a///", "a")])
    func slashes(text: String, expected: String) throws {
        #expect(try ArtifactPath(validating: text).text == expected)
    }

    @Test(
        "a path in a URL is decoded once",
        arguments: [
            ("a%20b", "a b"), ("100%25", "100%"), ("a+b", "a+b"), ("%C3%A4", "ä"), ("a%2Fb", "a/b"), ("5%", "5%"),
        ]
    )
    func decoding(text: String, expected: String) throws {
        #expect(try ArtifactPath(percentEncoded: text).text == expected)
    }

    @Test(
        "a path in a URL must be UTF-8, and is refused as any other",
        arguments: ["%ff", "%C3", "%2e%2e", "%252e%252e"]
    )
    func refusedEncodings(text: String) {
        #expect(throws: MartletError.self) { try ArtifactPath(percentEncoded: text) }
    }

    @Test("the name is what follows the last slash", arguments: [("a", "a"), ("a/b.txt", "b.txt"), ("ä/ö", "ö")])
    func names(text: String, name: String) throws {
        #expect(try ArtifactPath(validating: text).name == name)
    }

    @Test("a path cannot grow beyond the limit")
    func growth() throws {
        let long = try ArtifactPath(validating: String(repeating: "a", count: 4_000))
        #expect(try long.appending(try ArtifactPath(validating: "b")).text.utf8.count == 4_002)
        #expect(throws: MartletError.self) { try long.appending(long) }
    }
}
