/// Unescaping of JSON strings (RFC 8259, section 7).
enum JSONString {
    /// Returns the text that escaped bytes spell.
    ///
    /// The parser has already checked that every escape, and every surrogate pair, is complete.
    static func unescape(_ bytes: ArraySlice<UInt8>) -> String {
        var units: [UInt16] = []
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        var rest = bytes
        while let character = rest.popFirst() {
            guard character == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                self.flush(&units, into: &text)
                text.append(character)
                continue
            }
            if escape == UInt8(ascii: "u") {
                units.append(rest.prefix(4).reduce(0) { $0 << 4 | UInt16(self.hexadecimalValue($1) ?? 0) })
                rest = rest.dropFirst(4)
            } else {
                self.flush(&units, into: &text)
                text.append(self.character(escape))
            }
        }
        self.flush(&units, into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    static func hexadecimalValue(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Moves consecutive `\u` escapes over together: a surrogate pair is two of them.
    private static func flush(_ units: inout [UInt16], into text: inout [UInt8]) {
        if units.isEmpty { return }
        text.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
        units.removeAll(keepingCapacity: true)
    }

    private static func character(_ escape: UInt8) -> UInt8 {
        switch escape {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: escape
        }
    }
}
