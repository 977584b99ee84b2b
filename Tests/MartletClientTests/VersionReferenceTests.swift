import MartletClient
import Testing

@Suite("References to versions")
struct VersionReferenceTests {
    @Test(
        "a reference is divided at its last at sign or slash",
        arguments: [
            ("iris@1.2.0", "iris", "1.2.0"), ("iris/4", "iris", "4"), ("a b@c@^1", "a b@c", "^1"),
            ("team/iris/production", "team/iris", "production"), ("team@x/iris@2", "team@x/iris", "2"),
            ("iris@sha256:ab", "iris", "sha256:ab"), ("iris@~1.2", "iris", "~1.2"),
        ]
    )
    func reading(text: String, model: String, version: String) throws {
        #expect(try VersionReference(text) == VersionReference(model: model, version: version))
    }

    @Test("what names no version is refused", arguments: ["", "iris", "iris@", "@4", "/"])
    func refusals(text: String) {
        #expect { try VersionReference(text) } throws: { ($0 as? MartletClientError)?.code == .invalidArgument }
    }

    @Test("a server's address must have a scheme that is spoken here", arguments: ["", "iris", "ftp://x", "http://"])
    func addresses(url: String) {
        #expect(throws: MartletClientError.self) { try MartletClient(url: url) }
    }
}
