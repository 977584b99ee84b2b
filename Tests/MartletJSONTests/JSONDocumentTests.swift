import MartletJSON
import Testing

struct JSONDocumentTests {
    private static func parse(_ text: String, depthMax: Int = 64) throws(JSONError) -> JSONValue {
        try JSONDocument(parsing: Array(text.utf8), depthMax: depthMax).root
    }

    @Test("every kind of value is recognised")
    func kinds() throws {
        let root = try Self.parse(#" {"a": [1, -2.5e3, "x", true, false, null, {}]} "#)
        #expect(root["a"]?.elements.map(\.kind) == [.integer, .real, .string, .true, .false, .null, .object])
    }

    @Test("members are found after nested values, and the last of a repeated name wins")
    func members() throws {
        let root = try Self.parse(#"{"a": {"b": [1, {"a": 2}]}, "c": 3, "c": 4}"#)
        #expect(root["c"]?.integer == 4)
        #expect(root["b"] == nil)
        #expect(root["a"]?["b"]?.elements.map(\.source) == ["1", #"{"a": 2}"#])
    }

    @Test(
        "a name that is repeated is found, however it is spelt",
        arguments: [
            (#"{"a": 1, "b": {"a": 2}, "c": [{"b": 1}]}"#, nil), (#"{"a": 1, "b": 2, "a": 1}"#, "a"),
            (#"{"a": 1, "\u0061": 2}"#, "a"), (#"{"\u00e9": 1, "e\u0301": 2}"#, "é"), ("[1, 1]", nil),
        ]
    )
    func repeated(text: String, name: String?) throws {
        #expect(try Self.parse(text).repeatedName == name)
    }

    @Test(
        "strings are unescaped",
        arguments: [
            (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"),
            (#""\u00fc\u20AC""#, "ü€"),
            (#""\ud83d\ude00""#, "😀"),
            (#""größe""#, "größe"),
        ]
    )
    func strings(text: String, expected: String) throws {
        #expect(try Self.parse(text).string == expected)
    }

    @Test("a member name with escapes is found by its meaning")
    func escapedName() throws {
        #expect(try Self.parse(#"{"\u0061b": 1}"#)["ab"]?.integer == 1)
    }

    @Test(
        "whole numbers keep all their digits",
        arguments: [
            ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min),
        ] as [(String, Int64)]
    )
    func integers(text: String, expected: Int64) throws {
        #expect(try Self.parse(text).integer == expected)
    }

    @Test("a number that is not whole or does not fit is no integer", arguments: ["9223372036854775808", "1.0", "1e2"])
    func notIntegers(text: String) throws {
        #expect(try Self.parse(text).integer == nil)
        #expect(try Self.parse(text).double == Double(text))
    }

    @Test(
        "what is not JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "[1 2]", #"{"a" 1}"#, #"{"a":1,}"#, "{a:1}", "01", "1.", ".5", "+1", "1e", "tru",
            "nulll", #""a"#, #""\x""#, #""\u12g4""#, "\"a\nb\"", "[] []", "'a'", "NaN", "{]", "]",
            #""\ud83d!""#, #""\ud83d\u0041""#, #""\ude00""#, #""\ud83d""#,
        ]
    )
    func invalid(text: String) {
        #expect(throws: JSONError.self) { try Self.parse(text) }
    }

    @Test("bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        #expect(throws: JSONError.self) { try JSONDocument(parsing: [0x22, 0xFF, 0x22], depthMax: 8) }
    }

    @Test("nesting is refused beyond its limit and not before")
    func depth() throws {
        let deepest = String(repeating: "[", count: 8) + String(repeating: "]", count: 8)
        #expect(try Self.parse(deepest, depthMax: 8).kind == .array)
        #expect(throws: JSONError.self) { try Self.parse("[\(deepest)]", depthMax: 8) }
        #expect(throws: JSONError.self) { try Self.parse(String(repeating: "[", count: 1_000_000), depthMax: 64) }
    }
}
