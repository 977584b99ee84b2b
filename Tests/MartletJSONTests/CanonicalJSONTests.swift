import MartletJSON
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    private func text(_ value: CanonicalJSON) -> String { String(decoding: value.bytes, as: UTF8.self) }

    /// From RFC 8785, appendix B.
    @Test(
        "numbers are spelt as ECMAScript spells them",
        arguments: [
            (0x0000000000000000, "0"), (0x8000000000000000, "0"), (0x0000000000000001, "5e-324"),
            (0x8000000000000001, "-5e-324"), (0x7fefffffffffffff, "1.7976931348623157e+308"),
            (0xffefffffffffffff, "-1.7976931348623157e+308"), (0x4340000000000000, "9007199254740992"),
            (0xc340000000000000, "-9007199254740992"), (0x4430000000000000, "295147905179352830000"),
            (0x44b52d02c7e14af5, "9.999999999999997e+22"), (0x44b52d02c7e14af6, "1e+23"),
            (0x44b52d02c7e14af7, "1.0000000000000001e+23"), (0x444b1ae4d6e2ef4e, "999999999999999700000"),
            (0x444b1ae4d6e2ef4f, "999999999999999900000"), (0x444b1ae4d6e2ef50, "1e+21"),
            (0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"), (0x3eb0c6f7a0b5ed8d, "0.000001"),
            (0x41b3de4355555553, "333333333.3333332"), (0x41b3de4355555554, "333333333.33333325"),
            (0x41b3de4355555555, "333333333.3333333"), (0x41b3de4355555556, "333333333.3333334"),
            (0x41b3de4355555557, "333333333.33333343"), (0xbecbf647612f3696, "-0.0000033333333333333333"),
            (0x43143ff3c1cb0959, "1424953923781206.2"),
        ] as [(UInt64, String)]
    )
    func numbers(bits: UInt64, expected: String) {
        #expect(self.text(.number(Double(bitPattern: bits))) == expected)
    }

    /// From RFC 8785, section 3.2.3.
    @Test("members are sorted by their UTF-16 code units")
    func order() {
        let names = ["\u{20ac}", "\r", "\u{fb33}", "1", "\u{1f600}", "\u{80}", "\u{f6}"]
        let object = CanonicalJSON.object(names.map { .init($0, .null) })
        let expected = #"{"\r":null,"1":null,"\#u{80}":null,"ö":null,"€":null,"😀":null,"\#u{fb33}":null}"#
        #expect(self.text(object) == expected)
    }

    @Test("only what must be escaped is, and in the short way where there is one")
    func escapes() {
        #expect(self.text(.string("\u{8}\t\n\u{c}\r\"\\/\u{1f}\u{7f}é€")) == #""\b\t\n\f\r\"\\/\u001f\#u{7f}é€""#)
    }

    @Test("texts that look alike but differ in their bytes stay two")
    func lookAlikes() {
        let object = CanonicalJSON.object([.init("\u{e9}", .bool(true)), .init("e\u{301}", .bool(false))])
        #expect(object.bytes == Array("{\"e\u{301}\":false,\"\u{e9}\":true}".utf8))
    }

    @Test("whole numbers that a double cannot hold are written as text")
    func integers() {
        let values: [Int64] = [0, -7, 1 << 53, (1 << 53) + 1, .min]
        let expected = #"[0,-7,9007199254740992,"9007199254740993","-9223372036854775808"]"#
        #expect(self.text(.array(values.map { CanonicalJSON($0) })) == expected)
    }
}
