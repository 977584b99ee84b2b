import MartletCore
import Testing

struct PageTokenTests {
    private let question = Fingerprint(of: ["runs", "metrics.a > 1"])

    @Test("a token reads back as it was")
    func roundTrip() throws {
        let fields: [PageToken.Field] = [.integer(-5), .real(.infinity), .text("größe"), .text(""), .null]
        let token = PageToken(question: self.question, fields: fields)
        #expect(try PageToken(token.text, for: self.question) == token)
    }

    @Test("a token is refused for another question")
    func otherQuestion() {
        let token = PageToken(question: self.question, fields: [.integer(1)])
        let other = Fingerprint(of: ["runs", "metrics.a > 2"])
        #expect(throws: MartletError.self) { try PageToken(token.text, for: other) }
    }

    @Test("where texts end is part of a question")
    func boundaries() {
        #expect(Fingerprint(of: ["ab", "c"]) != Fingerprint(of: ["a", "bc"]))
    }

    @Test("a mutilated token is refused", arguments: 1..<40)
    func mutilated(length: Int) {
        let token = PageToken(question: self.question, fields: [.text("abcdef"), .integer(7)])
        let text = String(token.text.prefix(length))
        #expect(throws: MartletError.self) { try PageToken(text, for: self.question) }
    }

    @Test("garbage is refused", arguments: ["", "zz", "bm8=", "ü", "00", String(repeating: "f", count: 64)])
    func garbage(text: String) {
        #expect(throws: MartletError.self) { try PageToken(text, for: self.question) }
    }
}
