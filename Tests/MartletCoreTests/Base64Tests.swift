import MartletCore
import Testing

@Suite("Base64")
struct Base64Tests {
    /// From RFC 4648, section 10.
    @Test(
        "texts are those of the standard, in both directions",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func knownTexts(plain: String, text: String) {
        #expect(Base64.string(Array(plain.utf8)) == text)
        #expect(Base64.bytes(text) == Array(plain.utf8))
    }

    @Test("all bytes come back")
    func roundTrip() {
        let bytes = Array(UInt8.min...UInt8.max)
        #expect(Base64.bytes(Base64.string(bytes)) == bytes)
    }

    @Test(
        "what is not the one spelling of some bytes is refused",
        arguments: ["Zg", "Zg=", "Zh==", "Z===", "Zm8=Zg==", "Zm9-", "Zm 9"]
    )
    func malformed(text: String) {
        #expect(Base64.bytes(text) == nil)
    }
}
