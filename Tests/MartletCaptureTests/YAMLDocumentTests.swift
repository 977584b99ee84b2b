import MartletCapture
import MartletCore
import Testing

@Suite("YAML")
struct YAMLDocumentTests {
    private func parse(_ text: String) throws -> YAMLValue {
        try YAMLDocument(parsing: .text(text)).root
    }

    @Test("scalars are texts as they were written, whatever they look like")
    func scalars() throws {
        let value = try self.parse(
            "a: 3.10\nb: 'no'\nc: yes\nd: null\ne:\nf: 'null'\ng: \"x\\ty\"\nh: |\n  two\n  lines\n"
        )
        #expect(value["a"]?.text == "3.10")
        #expect(value["b"]?.text == "no")
        #expect(value["c"]?.text == "yes")
        #expect(value["d"] == .null)
        #expect(value["e"] == .null)
        #expect(value["f"]?.text == "null")
        #expect(value["g"]?.text == "x\ty")
        #expect(value["h"]?.text == "two\nlines\n")
        #expect(value["i"] == nil)
    }

    @Test(
        "what looks like structure inside a text is text",
        arguments: [
            ("a: it's [not {a list\nb: 1", "it's [not {a list"),
            ("a: '[{\"type\": \"x\"},\n  {\"b\": [\"'' ]\"]}]'\nb: 1", "[{\"type\": \"x\"}, {\"b\": [\"' ]\"]}]"),
            ("a: \"\\\" [ \\\\\"\nb: 1", "\" [ \\"),
            ("a: |\n  [[[\n   - - -\n\n  'x\nb: 1", "[[[\n - - -\n\n'x\n"),
            ("a: >-\n  [[\n  {{\nb: 1", "[[ {{"),
            ("a: one # [[[\nb: 1", "one"),
            ("a: one\n  [two\n  - three\nb: 1", "one [two - three"),
            ("\u{FEFF}a: x\r\nb: 1\r\n", "x"),
            ("a: !!python/object:os.system x\nb: 1", "x"),
        ]
    )
    func texts(yaml: String, text: String) throws {
        let value = try self.parse(yaml)
        #expect(value["a"]?.text == text)
        #expect(value["b"]?.text == "1")
    }

    @Test("an alias is what it stands for, as PyYAML writes values that are used twice")
    func aliases() throws {
        let value = try self.parse("a: &id001\n  x: 1\n  y: [1, {z: 2}]\nb: *id001\nc:\n- *id001\n- *id001\n")
        #expect(value["b"] == value["a"])
        #expect(value["c"]?.elements == [value["a"], value["a"]].compactMap { $0 })
        #expect(value["b"]?["y"]?.elements.last?["z"]?.text == "2")
    }

    @Test("an object that Python would create is only a map")
    func pythonObject() throws {
        let value = try self.parse("a: !!python/object/apply:os.system\n- echo hacked\n")
        #expect(value["a"]?.elements == [.text("echo hacked")])
    }

    @Test("deep nesting is refused on a small stack, and soon", arguments: DeepText.all)
    func deep(text: DeepText) {
        let bytes = [UInt8].text(text.text)
        let (reason, time) = onSmallStack {
            refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: bytes) }
        }
        #expect(reason == "nested deeper than 64")
        #expect(time < .seconds(2))
    }

    @Test("nesting that is allowed fits a small stack")
    func deepest() {
        let flow = String(repeating: "[a: ", count: 60) + String(repeating: "]", count: 60)
        let block = (0..<30).map {
            String(repeating: "  ", count: $0) + "a:\n" + String(repeating: "  ", count: $0) + "- b:\n"
        }
        for text in [
            flow, block.joined(), String(repeating: "{a: ", count: 60) + String(repeating: "}", count: 60),
        ] {
            let (reason, _) = onSmallStack {
                refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: .text(text)) }
            }
            #expect(reason == .some(nil))
        }
    }

    @Test("brackets that close in a text do not hide those that open")
    func hiddenDepth() {
        let text = String(repeating: "[\"]\", ", count: 10_000)
        #expect(
            refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: .text(text)) } == "nested deeper than 64"
        )
    }

    @Test("aliases cannot make a small text large")
    func aliasBomb() {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...30 {
            text += "a\(level): &a\(level)\n" + String(repeating: "- *a\(level - 1)\n", count: 10)
        }
        let bytes = [UInt8].text(text)
        let (reason, time) = onSmallStack {
            refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: bytes) }
        }
        #expect(reason == "more than 50000 values once its aliases are replaced")
        #expect(time < .seconds(2))
    }

    @Test("aliases of a huge text cannot be multiplied")
    func hugeAliases() {
        let text = "a: &a \(String(repeating: "x", count: 900_000))\nb:\n" + String(repeating: "- *a\n", count: 1_000)
        let reason = refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: .text(text)) }
        #expect(reason == "more than 4194304 bytes once its aliases are replaced")
    }

    @Test(
        "an alias where it would be compared or multiplied unseen is refused",
        arguments: [
            "a: &a [x]\nb: [*a, *a]\n", "a: &a [x]\n*a : 1\n", "a: &a [x]\nb: {*a : 1}\n", "a: &a [x]\n? *a\n: 1\n",
            "[a, b]: 1\n", "{a: b} : 1\n", "a: &a [*a]\n", "a: *a\n", "a: &a\n- *a\n", "? [a]\n: 1\n",
        ]
    )
    func oddAliases(text: String) {
        #expect(refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: .text(text)) } != nil)
    }

    @Test(
        "a key that is not a text is refused before it is compared with others",
        arguments: ["a: &a [x]\n*a : 1\n", "a: 1\n[a, b]: 1\n", "a: 1\n{a: b} : 1\n", "a: 1\nb: [[c]: d]\n"]
    )
    func oddKeys(text: String) {
        let reason = refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: .text(text)) }
        #expect(reason == "a key in line 2 is not a text")
    }

    @Test(
        "what is no text of one document is refused with a reason",
        arguments: [
            ([0xFF, 0xFE, 0x61], "not UTF-8"), ([0x61, 0x3A, 0x20, 0xC3], "not UTF-8"),
            (.text("a: \u{0}b"), "not text: it holds a NUL byte"),
            (.text("a: 1\na: 2\n"), "a key is given twice"),
            (.text("a: \u{2028}"), "a character that is not read: U+2028"),
            (.text("a: 1\n---\nb: 2\n"), "not YAML: but found another document, in line 2"),
            (.text("a: 'x"), "not YAML: found unexpected end of stream, in line 1"),
            (.text("%YAML 1.1\n---\na: 1\n"), "not YAML: unexpected character in line 1"),
            (.text("a: !<tag:x> 1"), "a tag is written with '!<', which is not read"),
            (.text("a: b: c"), "not YAML: ':' without a key in line 1"),
            (.text("a: \u{1}"), "not YAML"),
        ] as [([UInt8], String)]
    )
    func noYAML(bytes: [UInt8], reason: String) {
        #expect(refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: bytes) } == reason)
    }

    @Test("a text that is too large, or of too many values, is refused before it is parsed")
    func tooLarge() {
        let large = [UInt8](repeating: UInt8(ascii: "a"), count: CaptureLimits.textBytes + 1)
        #expect(
            refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: large) } == "larger than 1048576 bytes"
        )
        for text in ["- \n", "? ", "a: &x b\n", "[]\n", "!a\n", "- 'x'\n"] {
            let many = [UInt8].text(String(repeating: text, count: 200_000 / text.utf8.count * 5))
            let (reason, time) = onSmallStack {
                refusal { () throws(MartletError) in _ = try YAMLDocument(parsing: many) }
            }
            #expect(reason != nil)
            #expect(time < .seconds(2))
        }
    }

    @Test("a huge text is read")
    func huge() throws {
        let text = String(repeating: "12_", count: 340_000)
        #expect(try self.parse("a: \(text)")["a"]?.text == text)
        #expect(try self.parse("a: {'\(text)'}")["a"]?.members.first?.name == text)
    }

    @Test("a text of random characters is read or refused, and nothing else")
    func random() {
        var random = Random(state: 42)
        let pieces = [
            "- ", ": ", "a", "[", "]", "{", "}", ",", "'", "\"", "\n", "  ", "&a ", "*a", "|", ">", "#", "\\", "?", "!",
        ]
        for _ in 0..<20_000 {
            let text = (0..<20).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            _ = try? YAMLDocument(parsing: .text(text))
        }
    }
}

/// Texts of a hundred thousand levels, each by another of YAML's ways.
struct DeepText: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    static let all: [DeepText] = [
        DeepText(testDescription: "lists", text: String(repeating: "[", count: 100_000)),
        DeepText(testDescription: "maps", text: String(repeating: "{a: ", count: 100_000)),
        DeepText(testDescription: "pairs", text: String(repeating: "[a: ", count: 100_000)),
        DeepText(testDescription: "entries", text: String(repeating: "- ", count: 100_000)),
        DeepText(testDescription: "values that are lists", text: "a: " + String(repeating: "[\n", count: 100_000)),
        DeepText(
            testDescription: "indented keys",
            text: (0..<1_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
        ),
        DeepText(
            testDescription: "lists in texts and out",
            text: String(repeating: "['[', \"[\", [", count: 50_000)
        ),
    ]
}

/// The same numbers each time.
struct Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return self.state >> 33
    }
}
