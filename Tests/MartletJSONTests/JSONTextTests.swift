import MartletJSON
import Testing

@Suite("JSON that is kept as text")
struct JSONTextTests {
    @Test(
        "an element joins an array, and replaces what is none",
        arguments: [
            ("[]", "[7]"), (" [ ] ", "[7]"), ("[1]", "[1, 7]"), (#"["]"]"#, #"["]", 7]"#), ("", "[7]"),
            ("hello]", "[7]"), (#"{"a": []}"#, "[7]"), ("[1", "[7]"),
        ]
    )
    func appending(array: String, result: String) {
        #expect(JSONText.appending("7", to: array) == result)
        #expect(JSONText.appending(to: array) { $0.integer(7) } == result)
    }
}
