import MartletJSON
import Testing

struct JSONWriterTests {
    private static func text(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("members, elements and nested values are separated by commas")
    func structure() {
        let text = Self.text { json in
            json.beginObject()
            json.member("a", Int64(1))
            json.object("b") { $0.member("c", true) }
            json.array("d", of: [1.5, 2]) { $0.double($1) }
            json.array("none", of: [Double]()) { $0.double($1) }
            json.member("absent", String?.none)
            json.name("n")
            json.null()
            json.endObject()
        }
        #expect(text == #"{"a":1,"b":{"c":true},"d":[1.5,2.0],"n":null}"#)
    }

    @Test(
        "any text reads back as itself",
        arguments: ["", "plain", "quo\"te\\", "\u{0}\u{1f}\n\r\t", "größe 😀 \u{7f}"]
    )
    func roundTrip(text: String) throws {
        let written = Self.text { $0.string(text) }
        #expect(try JSONDocument(parsing: Array(written.utf8), depthMax: 1).root.string == text)
    }

    @Test("any integer reads back as itself", arguments: [0, -1, 10, .min, .max] as [Int64])
    func integers(value: Int64) {
        #expect(Self.text { $0.integer(value) } == String(value))
    }

    @Test("any finite double reads back as itself", arguments: [0.1, -0.0, 5e-300, 1.7976931348623157e308, 5e15, 123])
    func doubles(value: Double) throws {
        let written = Self.text { $0.double(value) }
        let read = try JSONDocument(parsing: Array(written.utf8), depthMax: 1).root.double
        #expect(read?.bitPattern == value.bitPattern)
    }

    @Test("what JSON cannot say is written as Protocol Buffers does")
    func notFinite() {
        #expect(Self.text { $0.double(.nan) } == #""NaN""#)
        #expect(Self.text { $0.double(.infinity) } == #""Infinity""#)
        #expect(Self.text { $0.double(-.infinity) } == #""-Infinity""#)
    }
}
