import MartletJSON
import Testing

@Suite("Values that are alike")
struct JSONComparisonTests {
    private static func areAlike(
        _ text: String,
        _ other: String,
        _ tolerance: Double = 1e-5,
        ignoring ignored: [[String]] = []
    ) throws -> Bool {
        let values = try [text, other].map { try JSONDocument(parsing: Array($0.utf8), depthMax: 64).root }
        let ignored = JSONPlaces(ignored)
        let answers = [
            values[0].isAlike(values[1], tolerance: tolerance, ignoring: ignored),
            values[1].isAlike(values[0], tolerance: tolerance, ignoring: ignored),
        ]
        #expect(answers[0] == answers[1], "it depends on who is asked")
        return answers[0]
    }

    @Test(
        "are spelt in any way",
        arguments: [
            (#"{"a": 1, "b": [true, null, "x"]}"#, #"{ "b":[true,null,"\u0078"],"a":1}"#),
            (#"{"a": 1, "a": 2}"#, #"{"a": 2}"#), ("[]", "[ ]"), ("{}", "{ }"), ("0", "-0"),
            (#"{"\u0061": 1}"#, #"{"a": 1}"#), ("123456789012345678901234567890", "123456789012345678901234567890"),
        ]
    )
    func spellings(text: String, other: String) throws {
        #expect(try Self.areAlike(text, other, 0))
    }

    @Test(
        "are not of another shape or kind",
        arguments: [
            ("[1, 2]", "[2, 1]"), ("[1]", "[1, 1]"), ("[]", "{}"), ("[]", "null"), ("0", "null"), ("0", "false"),
            ("true", "false"), (#""1""#, "1"), (#"{"a": 1}"#, #"{"b": 1}"#), (#"{"a": 1}"#, #"{"a": 1, "b": 1}"#),
            (#"{"a": 1, "a": 2}"#, #"{"a": 1}"#), (#""A""#, #""a""#), ("\"e\u{301}\"", "\"\u{e9}\""),
            ("{\"e\u{301}\": 1}", "{\"\u{e9}\": 1}"),
        ]
    )
    func shapes(text: String, other: String) throws {
        #expect(try !Self.areAlike(text, other, 1))
    }

    @Test(
        "have fractions within the tolerance, and the same whole numbers",
        arguments: [
            ("0.1", "0.10000000149011612", true), ("1.0", "1.000009", true), ("1.0", "1.00002", false),
            ("-1.0", "1.0", false), ("1e10", "1.000009e10", true), ("1e10", "1.00002e10", false),
            ("0.0", "9e-9", true), ("0.0", "2e-8", false), ("1e-17", "-3e-17", true), ("0", "0.0", true),
            ("100001", "100002", false), ("100001", "100002.0", true), ("3", "3.00000001", true),
            ("123456789012345678901", "123456789012345678902", false), ("1e999", "1e999", true),
            ("1e999", "1e998", false), ("1e999", "1e308", false), ("1e308", "-1e308", false), ("5e-324", "0.0", true),
        ]
    )
    func numbers(text: String, other: String, areAlike: Bool) throws {
        #expect(try Self.areAlike(text, other) == areAlike)
        #expect(try Self.areAlike("[[\(text)]]", "[[\(other)]]") == areAlike)
    }

    @Test(
        "differ only in what is ignored, be it there or not",
        arguments: [
            (#"{"id": 1, "y": 2}"#, #"{"id": "x", "y": 2}"#, [["id"]], true),
            (#"{"id": 1, "y": 2}"#, #"{"y": 2}"#, [["id"]], true),
            (#"{"id": 1, "y": 2}"#, #"{"id": 1, "y": 3}"#, [["id"]], false),
            (#"{"id": 1, "id": 2}"#, "{}", [["id"]], true), (#"{"\u0069d": 1}"#, "{}", [["id"]], true),
            (#"{"a": {"ms": 1, "y": 1}}"#, #"{"a": {"ms": 2, "y": 1}}"#, [["a", "ms"]], true),
            (#"{"a": {"ms": 1, "y": 1}}"#, #"{"a": {"ms": 2, "y": 2}}"#, [["a", "ms"]], false),
            (#"{"a": {"ms": 1}}"#, "{}", [["a", "ms"]], false), (#"{"ms": 1}"#, #"{"ms": 2}"#, [["a", "ms"]], false),
            (#"[{"id": 1}, {"id": 2}]"#, #"[{"id": 3}, {}]"#, [["*", "id"]], true),
            (#"[{"id": 1}]"#, #"[{"id": 1}, {"id": 2}]"#, [["*", "id"]], false),
            ("[1, 2, 3]", "[1, 9, 3]", [["1"]], true), ("[1, 2, 3]", "[1, 9, 4]", [["1"]], false),
            ("[1, 2]", "[1]", [["1"]], true), ("[1, 2, 3]", "[1, 2]", [["1"]], false), ("[1]", "[]", [["*"]], true),
            (#"{"a": 1}"#, "[1]", [["*"]], false), (#"{"a": 1, "b": 2}"#, "{}", [["a"], ["b"]], true),
            (#"{"a": 1, "b": 2}"#, "{}", [["a"], ["b", "c"]], false), ("1", "2", [["*"]], false),
        ]
    )
    func ignored(text: String, other: String, places: [[String]], areAlike: Bool) throws {
        #expect(try Self.areAlike(text, other, ignoring: places) == areAlike)
    }

    @Test("take no longer for many members in another order")
    func manyMembers() throws {
        let members = (0..<50_000).map { "\"name \($0)\": \($0)" }
        let text = "{\(members.joined(separator: ","))}"
        #expect(try Self.areAlike(text, "{\(members.reversed().joined(separator: ","))}"))
    }
}
