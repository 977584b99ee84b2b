import MartletCore
import Testing

@Suite("semantic versions")
struct SemanticVersionTests {
    @Test("they sort by number, not by text")
    func order() throws {
        let texts = ["1.10.0", "1.9.9", "2.0.0", "0.11.0"]
        let sorted = try texts.map { try SemanticVersion(validating: $0) }.sorted()
        #expect(sorted.map(\.description) == ["0.11.0", "1.9.9", "1.10.0", "2.0.0"])
    }

    @Test(
        "what is no whole semantic version is refused",
        arguments: [
            "1", "1.2", "^1.2.0", "1.2.x", "1.2.3-rc1", "1.2.3+b", "01.2.3", "1..2", "", "1.2.3.4", "-1.0.0", "1.0. 0",
        ]
    )
    func refusal(text: String) {
        #expect(throws: MartletError.self) { try SemanticVersion(validating: text) }
    }

    @Test(
        "a range contains what promises to behave alike",
        arguments: [
            ("^1", ["1.0.0", "1.9.3"], ["0.9.9", "2.0.0"]), ("^1.2", ["1.2.0", "1.3.0"], ["1.1.9", "2.0.0"]),
            ("^1.2.3", ["1.2.3"], ["1.2.2", "2.0.0"]), ("^0.3.1", ["0.3.1", "0.3.9"], ["0.4.0", "0.3.0"]),
            ("^0.0.3", ["0.0.3"], ["0.0.4"]), ("^0", ["0.0.1", "0.9.0"], ["1.0.0"]), ("^0.0", ["0.0.7"], ["0.1.0"]),
            ("~1.2", ["1.2.0", "1.2.7"], ["1.3.0"]), ("~1.2.3", ["1.2.3", "1.2.4"], ["1.2.2", "1.3.0"]),
            ("~1", ["1.7.0"], ["2.0.0"]), ("1.2", ["1.2.0", "1.2.9"], ["1.3.0", "1.1.0"]),
            ("v1", ["1.0.0", "1.5.0"], ["2.0.0"]), ("v1.0", ["1.0.4"], ["1.1.0"]), ("1.x", ["1.4.4"], ["2.0.0"]),
            ("1.2.*", ["1.2.4"], ["1.3.0"]), ("v1.2.0", ["1.2.0"], ["1.2.1"]),
        ]
    )
    func ranges(text: String, inside: [String], outside: [String]) throws {
        let range = try #require(VersionRange(text))
        for version in inside { #expect(range.contains(try SemanticVersion(validating: version))) }
        for version in outside { #expect(!range.contains(try SemanticVersion(validating: version))) }
    }

    @Test(
        "what is no range is none, and a whole number is MLflow's",
        arguments: ["4", "champion", "^", "x", "^x", "1.x.2", "v"]
    )
    func noRange(text: String) {
        #expect(VersionRange(text) == nil)
    }
}
