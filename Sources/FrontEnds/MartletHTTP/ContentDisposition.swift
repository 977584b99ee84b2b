import MartletCore

/// Tells a browser to save a file and not to show it (RFC 6266).
enum ContentDisposition {
    /// Returns the header that suggests `name` to save the file under.
    static func attachment(_ name: Substring) -> String {
        let name = String(name)
        if name.utf8.allSatisfy(self.isTokenCharacter) { return "attachment; filename=\(name)" }
        let quoted = String(String.UnicodeScalarView(name.unicodeScalars.flatMap(self.quoted)))
        guard !name.utf8.allSatisfy({ $0 < 0x80 }) else { return "attachment; filename=\"\(quoted)\"" }
        return "attachment; filename=\"\(quoted)\"; filename*=UTF-8''\(PercentEncoding.encode(name))"
    }

    /// What may stand without quotes (RFC 9110, section 5.6.2).
    private static func isTokenCharacter(_ character: UInt8) -> Bool {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(character)
        }
    }

    /// Something for clients that do not know the other spelling, in the characters that headers may have.
    private static func quoted(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        switch scalar {
        case "\"", "\\": ["\\", scalar]
        default: scalar.isASCII ? [scalar] : ["_"]
        }
    }
}
