import MartletJSON
import Testing

@testable import MartletDeployments

@Suite("Redaction")
struct RedactionTests {
    @Test(
        "what is at a path is replaced, and everything else stays as it was written",
        arguments: [
            (#"{"a": 1,"b":{"c":[1.50,"x"]}}"#, [["b", "c", "1"]], #"{"a":1,"b":{"c":[1.50,"[redacted]"]}}"#),
            (#"{"u":[{"n":"a","k":1}]}"#, [["u", "*", "n"]], #"{"u":[{"n":"[redacted]","k":1}]}"#),
            (#"{"a":{"b":1},"c":2}"#, [["a"]], #"{"a":"[redacted]","c":2}"#),
            (#"{"a":{"b":1},"c":2}"#, [["a", "x"], ["c", "d"]], #"{"a":{"b":1},"c":2}"#),
            (#"{"a":1,"a":2}"#, [["a"]], #"{"a":"[redacted]","a":"[redacted]"}"#),
            (#"[[1,2],[3]]"#, [["*", "0"]], #"[["[redacted]",2],["[redacted]"]]"#),
            (#"{"\u0061":1}"#, [["a"]], #"{"\u0061":"[redacted]"}"#),
        ]
    )
    func paths(text: String, paths: [[String]], expected: String) throws {
        let root = try JSONDocument(parsing: Array(text.utf8), depthMax: 10).root
        #expect(Redaction(paths: paths).text(of: root) == expected)
    }
}
